from fastapi import FastAPI
from mail import credentials

app = FastAPI()


@app.get("/mails")
def mails():
    return credentials()
