import subprocess


def run(code):
    return subprocess.run(["sh", "-c", code], capture_output=True)  # FOUND
