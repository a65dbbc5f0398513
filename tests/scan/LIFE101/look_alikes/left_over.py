import uvicorn
from fastapi import FastAPI


def below(path, inner):
    """Nothing calls this any more."""

    def is_legal(text):
        return text.startswith("/")

    app = FastAPI()
    if is_legal(path):
        app.mount(path, inner)
    uvicorn.run(app)
