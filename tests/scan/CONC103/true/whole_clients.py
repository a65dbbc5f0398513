import shutil

import redis
from fastapi import FastAPI, UploadFile
from slack_sdk import WebClient

app = FastAPI()
store = redis.Redis(socket_timeout=5)
slack = WebClient(token="t", timeout=5)


class Connections:
    @classmethod
    def get_connection(cls) -> redis.Redis:
        return store


@app.post("/agent")
async def answer(query: str, file: UploadFile):
    r = Connections.get_connection()
    r.execute_command("FT._LIST")  # FOUND
    r.ft("tickets").info()  # FOUND
    r.ft("tickets").search(query)  # FOUND
    r.json().get("ticket")  # FOUND
    with r.pipeline() as pipe:
        pipe.set("a", "b")
        pipe.expire("a", 60)
        pipe.execute()  # FOUND
    with open("upload", "wb") as copy:
        shutil.copyfileobj(file.file, copy)  # FOUND
    found = slack.users_list()  # FOUND
    return found.get("members"), r.hget("a", "b").decode()  # FOUND
