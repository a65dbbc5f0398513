from collections import defaultdict

from fastapi import FastAPI, Request

app = FastAPI()
histories = defaultdict(list)
carts = {}
turns: dict[str, int] = {}


class ShopAgent:
    def __init__(self):
        self.conversations = {}

    def invoke(self, query, context_id):
        self.conversations[context_id] = query  # FOUND
        return self.conversations


agent = ShopAgent()


@app.post("/agent")
async def answer(request: Request, query: str, user_id: str):
    histories[request.headers["x-session"]].append(query)  # FOUND
    carts[user_id] = query  # FOUND
    turns[request.state.conversation_id] += 1  # FOUND
    return agent.invoke(query, user_id), histories, carts
