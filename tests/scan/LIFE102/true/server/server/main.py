import uvicorn

from server.keys import key


def main():
    uvicorn.run("server.app:app", headers=[("x-key", key())])
