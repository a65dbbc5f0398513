import contextlib
import io
import os
import sys

import google.generativeai as genai
import openai
from fastapi import FastAPI

app = FastAPI()


@app.post("/agent")
def answer(key: str, folder: str, request):
    os.environ["OPENAI_API_KEY"] = key  # FOUND
    os.chdir(folder)  # FOUND
    openai.api_key = request.headers["key"]  # FOUND
    genai.configure(api_key=key)  # FOUND
    os.environ.update({"REGION": request.region})  # FOUND
    return run(folder)


def run(code):
    own = io.StringIO()
    sys.stdout = own  # FOUND
    with contextlib.redirect_stdout(own):  # FOUND
        exec(code)
    given = f"{code}-1"
    os.environ["TRACE_ID"] = given  # FOUND
    del os.environ["TRACE_ID"]  # FOUND
    return own.getvalue()


class Answering:
    def __init__(self, key):
        self.key = key

    @app.get("/own")
    def put(self):
        os.environ["OPENAI_API_KEY"] = self.key  # FOUND
