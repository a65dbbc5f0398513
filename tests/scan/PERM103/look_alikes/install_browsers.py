import subprocess
import sys


def install_browsers():
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True, timeout=600)
