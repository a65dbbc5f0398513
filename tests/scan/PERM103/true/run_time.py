import os
import subprocess
import sys

import uvicorn


def ensure(package):
    subprocess.check_call([sys.executable, "-m", "pip", "install", package])  # FOUND
    os.system("apt-get install -y ripgrep")  # FOUND


if __name__ == "__main__":
    ensure("httpx")
    uvicorn.run("app:app", host="0.0.0.0", port=80)  # FOUND
