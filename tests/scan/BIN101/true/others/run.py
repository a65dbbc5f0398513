import subprocess


def start(host):
    subprocess.run(["nc", "-z", host, "5432"], check=True, timeout=5)  # FOUND
    subprocess.run(["dig", "+short", host], check=True, timeout=5)  # FOUND
    return subprocess.Popen(["jupyter", "kernelgateway"])  # FOUND
