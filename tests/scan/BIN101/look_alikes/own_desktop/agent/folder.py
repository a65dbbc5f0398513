import platform
import subprocess


def show(path):
    if platform.system() == "Linux":
        subprocess.run(["xdg-open", path], timeout=10)
