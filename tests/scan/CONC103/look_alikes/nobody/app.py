from fastapi import FastAPI

from papers import Papers

app = FastAPI()
papers = Papers()


@app.post("/agent")
async def answer(query: str):
    return await papers.found(query)
