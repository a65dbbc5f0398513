import subprocess


def edit(path):
    subprocess.run(["vim", path])
