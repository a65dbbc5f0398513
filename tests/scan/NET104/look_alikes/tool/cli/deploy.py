import subprocess


def deploy(name):
    subprocess.run(["npx", "wrangler@4", "deploy", name], check=True, timeout=600)
