from fastapi import FastAPI

app = FastAPI()
messages = []
current_user = None
total = 0
messages_sent = 0


@app.post("/agent")
def answer(query: str, user: str):
    global current_user, total
    current_user = user  # FOUND
    total += 1  # FOUND
    messages.append(query)  # FOUND
    return ask(messages) if total < 100 else []


@app.post("/reset")
def reset():
    global messages_sent
    messages_sent = 0  # FOUND


def ask(texts):
    messages.extend(texts)
    return texts
