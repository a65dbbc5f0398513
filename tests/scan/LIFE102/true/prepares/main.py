import os

import typer
import uvicorn
from fastapi import FastAPI

app = FastAPI()


def setup():
    os.environ["OPENAI_API_KEY"] = input("key: ")  # FOUND


@app.delete("/file")
def delete(name: str):
    if typer.confirm(f"Delete {name}?"):  # FOUND
        os.remove(name)


if __name__ == "__main__":
    setup()
    uvicorn.run(app, host="0.0.0.0")
