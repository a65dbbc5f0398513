from fastapi import FastAPI

app = FastAPI(title="an agent")  # FOUND
UPSTREAM = "https://api.example.com/agents"


@app.post("/agent")
def answer(query: str):
    return {"output": query, "status": "done"}
