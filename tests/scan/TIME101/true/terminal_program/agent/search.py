import subprocess


def found(words):
    return subprocess.run(["rg", words], capture_output=True)  # FOUND
