import subprocess


def edit(path):
    subprocess.run(["sed", "-i", "", "s/a/b/", path], timeout=10)  # FOUND
    subprocess.run(f"sed -i '' -e 's/a/b/' {path}", shell=True, timeout=10)  # FOUND


def yesterday():
    return subprocess.check_output("date -v-1d +%Y-%m-%d", shell=True, timeout=10)  # FOUND


def size(path):
    return subprocess.check_output(["stat", "-f", "%z", path], timeout=10)  # FOUND
