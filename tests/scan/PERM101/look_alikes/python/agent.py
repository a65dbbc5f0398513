import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def has_the_bit(pattern):
    return subprocess.run([str(HERE / "search.sh"), pattern], timeout=10)


def by_its_shell(pattern):
    subprocess.run(["bash", "plain.sh"], timeout=10)
    return subprocess.run(["sh", str(HERE / "plain.sh"), pattern], timeout=10)


def not_here():
    return subprocess.run(["./other.sh"], timeout=10)
