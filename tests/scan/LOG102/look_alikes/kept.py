from fastapi import FastAPI

app = FastAPI()


@app.post("/agent")
async def answer(query: str, store, model):
    try:
        return await model.ask(query)
    except Exception as error:
        await store.add(query, str(error))
        return {"success": False}
