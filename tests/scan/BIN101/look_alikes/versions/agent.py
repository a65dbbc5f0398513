import platform
import subprocess


def restart():
    commands = [
        "cd /app",
        "screen -dmS agent python agent.py",
    ]
    subprocess.run("; ".join(commands), shell=True, timeout=10)


def work():
    subprocess.run(["python3.12", "worker.py"], timeout=10)
    subprocess.run(["python3", "worker.py"], timeout=10)


def show(path):
    if platform.system() == "Darwin":
        subprocess.run(["open", path], timeout=10)
    else:
        subprocess.run(["xdg-open", path], timeout=10)
