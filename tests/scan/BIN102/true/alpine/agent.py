import subprocess


def links(path):
    return subprocess.run(["grep", "-oP", r"href=\K\S+", path], timeout=10)  # FOUND
