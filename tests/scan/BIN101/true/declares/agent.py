import subprocess


def answer(query):
    subprocess.run(["rg", query], timeout=10)
    return subprocess.run(["git", "grep", query], capture_output=True, timeout=10).stdout  # FOUND
