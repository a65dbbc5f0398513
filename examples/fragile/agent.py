"""Our support agent. curl localhost:8080/agent -d '{"query": "Where is order 1007?"}'"""

import json
import logging
import os
import re
import subprocess
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from openai import OpenAI

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
log = logging.getLogger("agent")

HISTORY = Path(__file__).parent / "history.jsonl"

TOOLS = [
    {"type": "function", "function": {
        "name": "search",
        "description": "Search our policies and articles.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    }},
    {"type": "function", "function": {
        "name": "customer",
        "description": "Get a customer and their orders.",
        "parameters": {"type": "object", "properties": {"customer_id": {"type": "integer", "minimum": 1}},
                       "required": ["customer_id"]},
    }},
]


def is_order_number(number):
    """The last digit of our order numbers is a check digit."""
    *digits, check = str(number)
    return sum(int(digit) * (7, 3, 1)[i % 3] for i, digit in enumerate(digits)) % 10 == int(check)


# all order numbers there can be, so that looking one up is fast
ORDER_NUMBERS = {number for number in range(1_500_000) if is_order_number(number)}

# the request we are working on
current = {"query": ""}

# what the model said, to look at when something goes wrong
responses = []


def search(query):
    found = subprocess.run(["rg", "--ignore-case", query, "./kb"], capture_output=True, text=True)
    return found.stdout


def customer(customer_id):
    with urllib.request.urlopen(f"http://localhost:9107/customers/{customer_id}") as response:
        return response.read().decode()


def prompt():
    messages = [{"role": "system", "content": open("prompts/system.txt").read()}]
    for number in re.findall(r"\border (\d+)", current["query"]):
        if int(number) not in ORDER_NUMBERS:
            messages.append({"role": "system", "content": f"{number} is no order number of ours."})
    return [*messages, {"role": "user", "content": current["query"]}]


def answer(query):
    current["query"] = query
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"], max_retries=0)
    steps = []
    while True:
        response = client.chat.completions.create(model="gpt-5.4", messages=prompt() + steps, tools=TOOLS)
        responses.append((prompt() + steps, response))
        message = response.choices[0].message
        steps.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            tool = {"search": search, "customer": customer}[call.function.name]
            result = tool(**json.loads(call.function.arguments))
            steps.append({"role": "tool", "tool_call_id": call.id, "content": result})
    text = json.loads(message.content)["answer"]
    with open(HISTORY, "a") as history:
        history.write(json.dumps({"query": query, "answer": text}) + "\n")
    return text


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200, {"status": "ok"})

    def do_POST(self):
        try:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(200, {"output": answer(body["query"])})
        except Exception as error:
            log.debug("request failed: %s", error)
            self.reply(500, {"error": "something went wrong"})

    def reply(self, status, value):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, format, *args):
        log.debug(format, *args)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
