from collections import defaultdict

from fastapi import FastAPI

app = FastAPI()
reports = defaultdict[str, list[str]](list)
makers = [list, dict]
made = makers[0]()


@app.post("/agent")
def answer(ticket: str, text: str):
    reports[ticket].append(text)
    made[ticket] = text
    return reports.pop(ticket)
