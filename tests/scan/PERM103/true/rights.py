import os
import subprocess
import sys
from http.server import HTTPServer

import uvicorn
from fastapi import FastAPI

app = FastAPI()
try:
    import tabulate
except ImportError:
    subprocess.check_call([sys.executable, "-m", "pip", "install", "tabulate"])  # FOUND


@app.post("/agent")
def answer(package: str):
    subprocess.run(["pip", "install", "-q", package], timeout=60)  # FOUND
    os.system("apt-get -y install ripgrep")  # FOUND
    return subprocess.run(f"npm install {package}", shell=True, timeout=60)  # FOUND


PORT = 443
if __name__ == "__main__":
    HTTPServer(("", 80), None).serve_forever()  # FOUND
    uvicorn.run(app, host="0.0.0.0", port=PORT)  # FOUND
