import subprocess


def run(script):
    subprocess.run(["osascript", "-e", script], timeout=10)
