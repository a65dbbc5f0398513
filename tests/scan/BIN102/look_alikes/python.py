import subprocess


def both_have(path):
    subprocess.run(["sed", "-i.bak", "s/a/b/", path], timeout=10)
    subprocess.run(["sed", "-n", "1,5p", path], timeout=10)
    subprocess.run(["sed", "-E", "s/(a)/b/", path], timeout=10)
    subprocess.run(["date", "+%Y-%m-%d"], timeout=10)
    subprocess.run(["date", "-u", "+%s"], timeout=10)
    subprocess.run("base64 -d < in.b64", shell=True, timeout=10)
    subprocess.run(["grep", "-E", "a|b", path], timeout=10)
    subprocess.run(["grep", "-rn", "Path", path], timeout=10)
    subprocess.run(["head", "-n", "5", path], timeout=10)
    subprocess.run(["find", path, "-name", "*.py", "-print"], timeout=10)
    subprocess.run(["ps", "aux"], timeout=10)
    subprocess.run(["xargs", "-n", "1", "echo"], timeout=10)
    subprocess.run(["mktemp", "-d"], timeout=10)
