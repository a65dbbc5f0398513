import subprocess


def search(pattern):
    found = subprocess.run(["rg", pattern], timeout=10)
    return found or subprocess.run(["tree", "-L", "2"], timeout=10)  # FOUND
