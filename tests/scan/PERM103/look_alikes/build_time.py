import subprocess

import uvicorn


def search(query):
    subprocess.run(["rg", "install", query], timeout=5)
    return subprocess.run(["pip", "list"], timeout=5)


if __name__ == "__main__":
    uvicorn.run("app:app", host="0.0.0.0", port=8080)
