import boto3
from fastapi import FastAPI

app = FastAPI()
pictures = boto3.client("s3")


@app.post("/agent")
def answer(picture: str):
    from vision import look

    return look(picture), pictures
