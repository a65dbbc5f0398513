import ast
import json

from openai import OpenAI

client = OpenAI()


def run(tools, message):
    for tool_call in message.tool_calls:
        tools[tool_call.function.name](**json.loads(tool_call.function.arguments))  # FOUND


def old(result):
    text = json.loads(result.choices[0].message.function_call.arguments)["text"]  # FOUND
    return text, json.loads(result["tool_calls"][0]["function"]["arguments"])  # FOUND


def wrong_kind(message, client):
    try:
        client.check()
        return json.loads(message.choices[0].message.content)  # FOUND
    except ConnectionError:
        return {}


def literal(response):
    return ast.literal_eval(response.choices[0].message.content)  # FOUND


def ask(prompt):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[prompt])
    return response.choices[0].message.content


def names(prompt):
    try:
        return ast.literal_eval(ask(prompt))  # FOUND
    except ValueError:
        return json.loads(ask(prompt))  # FOUND
