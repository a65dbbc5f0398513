import os

from fastapi import FastAPI

app = FastAPI()
os.environ["TOKENIZERS_PARALLELISM"] = "false"


@app.post("/agent")
def answer(key: str):
    environment = {**os.environ, "KEY": key}
    environment["OTHER"] = key
    return environment, os.environ["HOME"]


if __name__ == "__main__":
    os.chdir("/srv/app")
