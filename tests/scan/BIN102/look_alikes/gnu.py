import subprocess


def links(path):
    subprocess.run(["sed", "-i", "s/a/b/", path], timeout=10)
    subprocess.run("date -d '1 day ago' +%F; stat -c %s out.bin", shell=True, timeout=10)
    return subprocess.run(["grep", "-oP", r"href=\K\S+", path], timeout=10)
