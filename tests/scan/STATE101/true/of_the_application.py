from fastapi import FastAPI, Request

app = FastAPI()
app.state.sessions = {}
app.state.conversations = {}


@app.post("/agent")
async def answer(request: Request, session_id: str, query: str):
    app.state.sessions[session_id] = query  # FOUND
    request.app.state.conversations[session_id].append(query)  # FOUND
    return app.state.sessions[session_id]
