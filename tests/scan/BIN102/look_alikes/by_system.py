import subprocess
import sys


def edit(path):
    if sys.platform == "darwin":
        subprocess.run(["sed", "-i", "", "s/a/b/", path], timeout=10)
    else:
        subprocess.run(["sed", "-i", "s/a/b/", path], timeout=10)
