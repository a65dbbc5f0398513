import os

from fastapi import FastAPI

app = FastAPI()

if os.environ.get("MODEL") == "local":
    from models.local import complete
else:
    from models.hosted import complete


@app.post("/agent")
def answer(query: str, picture: str):
    from vision import look

    return complete(query), look(picture)
