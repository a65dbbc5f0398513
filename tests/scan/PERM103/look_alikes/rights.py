import os
import socket
import subprocess
import sys
from http.server import HTTPServer

import uvicorn
from fastapi import FastAPI

app = FastAPI()
try:
    import tabulate
except ImportError:
    sys.exit("tabulate is missing: pip install tabulate")


@app.post("/agent")
def answer(package: str, container, sandbox):
    container.exec_run(f"pip install {package}")
    sandbox.commands.run("pip install pandas")
    subprocess.run(["docker", "exec", "box", "pip", "install", package], timeout=60)
    subprocess.run(["pip", "list"], timeout=60)
    subprocess.run(["git", "add", "install"], timeout=60)
    with socket.create_connection(("db", 443), timeout=5) as connection:
        connection.connect(("db", 80))
    return "run `pip install pandas` first"


if __name__ == "__main__":
    HTTPServer(("", 8080), None).serve_forever()
    uvicorn.run(app, port=int(os.environ.get("PORT", 80)))
