from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index():
    return {"message": "The voice agent is running!"}
