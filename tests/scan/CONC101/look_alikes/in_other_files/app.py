import threading

from assistant import Assistant
from flask import Flask, request

import personas

app = Flask(__name__)
lock = threading.Lock()
warm = Assistant(None)
app.title = "Agent"


@app.route("/chat", methods=["POST"])
def chat():
    if Assistant.limits is None:
        Assistant.limits = request.json
    personas.used = True
    assistant = Assistant(None)
    assistant.tone = request.json["tone"]
    return assistant.chat(request.json["text"])


@app.route("/one", methods=["POST"])
def one_after_the_other():
    with lock:
        personas.current = request.json["persona"]
        warm.chat(request.json["text"])
    return personas.PERSONAS[personas.current], warm.client.ask([])


def main():
    warm.chat("What can you do?")
    personas.current = "plain"


if __name__ == "__main__":
    main()
