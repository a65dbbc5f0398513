from flask import Flask, request

app = Flask(__name__)
conversation_history = []
state = {"user": None}
step, plan = 0, None


@app.route("/chat", methods=["POST"])
def chat():
    global step, plan
    step, plan = step + 1, request.json["plan"]  # FOUND
    state["user"] = request.json["user"]  # FOUND
    conversation_history.append(request.json["message"])  # FOUND
    return {"reply": ask(conversation_history), "user": state["user"]}


def ask(messages):
    return messages[-1]
