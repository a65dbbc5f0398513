from fastapi import FastAPI, Request

app = FastAPI()
app.state.clients = {}
app.state.locks = {}


@app.post("/agent")
async def answer(request: Request, session_id: str, query: str):
    request.state.turns = {}
    request.state.turns[session_id] = query
    app.state.locks[session_id] = object()
    app.state.clients["search"] = object()
    return request.app.state.clients
