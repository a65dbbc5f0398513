import json

from fastapi import FastAPI

app = FastAPI()


class Handler:
    debug = False

    def send(self, body: str) -> str:
        if self.debug:
            print(body)
        return body


@app.post("/agent")
def answer(query: str) -> str:
    print(json.dumps({"level": "info", "query": len(query)}))
    return Handler().send(query)
