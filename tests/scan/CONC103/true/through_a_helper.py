import subprocess

import pandas
from fastapi import FastAPI
from google import genai

app = FastAPI()
client = genai.Client()


class Search:
    def run(self, query):
        return self._grep(query)

    def _grep(self, query):
        return subprocess.check_output(["rg", query], timeout=5)  # FOUND

    async def answer(self, query):
        return self.run(query)


def summarise(text):
    return client.models.generate_content(model="m", contents=text)  # FOUND


@app.post("/agent")
async def answer(query: str):
    table = pandas.read_csv(query)  # FOUND
    return await Search().answer(query), summarise(str(table))
