import os

from fastapi import FastAPI, HTTPException

app = FastAPI()
KEY = os.environ["MODEL_KEY"]
LEVEL = f"level={os.getenv('LEVEL', 'INFO')}"


@app.post("/agent")
def answer(query: str):
    again = os.environ["MODEL_KEY"]
    contact = build(contact=os.getenv("CONTACT"))
    region = os.getenv("REGION", "eu")
    other = os.environ.get("OTHER") or "none"
    optional = os.environ.get("TRACE_URL")
    if optional:
        print(optional)
    if os.environ.get("PROXY_URL"):
        query = os.environ["PROXY_URL"] + query
    if not os.getenv("FEATURE"):
        raise HTTPException(404)
    try:
        special = os.environ["SPECIAL"]
    except KeyError:
        special = None
    return again, region, other, special


def rarely_called():
    return os.environ["NOT_IN_A_REQUEST"]
