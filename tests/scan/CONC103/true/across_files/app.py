from fastapi import FastAPI
from fastapi.responses import StreamingResponse

import shop

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    for part in shop.parts(query):
        shop.keep(part)
    return shop.prices(query)


@app.post("/stream")
async def stream(query: str):
    return StreamingResponse(shop.lines(query))
