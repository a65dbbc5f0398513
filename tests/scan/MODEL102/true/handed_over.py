import json

import litellm


def run(name, arguments, tools):
    return tools[name](**json.loads(arguments))  # FOUND


def each(response, tools):
    for item in response.output:
        if item.type == "function_call":
            run(item.name, item.arguments, tools)
            tools[item.name](**json.loads(item.arguments))  # FOUND


def ask(messages):
    response = litellm.completion(model="gpt-5.4-2026-03-05", messages=messages)
    text = response["choices"][0]["message"]["content"]
    return text


def listed(messages):
    return json.loads(ask(messages))  # FOUND
