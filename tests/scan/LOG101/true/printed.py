from fastapi import FastAPI

app = FastAPI()


def search(query):
    print("searching", query)  # FOUND
    print("still searching")
    return []


@app.post("/agent")
def answer(query: str):
    return search(query)
