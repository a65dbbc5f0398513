from assistant import Assistant
from flask import Flask, request

import personas
from shared import assistant as helper

app = Flask(__name__)
own = Assistant(None)


@app.route("/chat", methods=["POST"])
def chat():
    return helper.chat(request.json["text"])  # FOUND


@app.route("/reset", methods=["POST"])
def reset():
    personas.current = "plain"  # FOUND
    return "ok"


@app.route("/own", methods=["POST"])
def talk():
    own.tone = request.json["tone"]  # FOUND
    own.chat(request.json["text"])
    Assistant.limit = int(request.json["limit"])  # FOUND
    personas.current = request.json["persona"]
    return "ok"


@app.route("/said", methods=["POST"])
def say():
    personas.SAID.append(request.json["text"])  # FOUND
    return personas.SAID
