from fastapi import FastAPI

from app.log_in import token

app = FastAPI()


@app.get("/")
def answer():
    return {"is_known": bool(token)}
