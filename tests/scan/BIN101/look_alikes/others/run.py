import subprocess


def start(host):
    subprocess.run(["nc", "-z", host, "5432"], check=True, timeout=5)
    subprocess.run(["dig", "+short", host], check=True, timeout=5)
    return subprocess.Popen(["jupyter", "kernelgateway"])
