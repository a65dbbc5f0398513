import json
import sys


def run(tools, message):
    for tool_call in message.tool_calls:
        try:
            arguments = json.loads(tool_call.function.arguments)
        except ValueError as error:
            return {"error": str(error)}
        tools[tool_call.function.name](**arguments)


def several(message, errors):
    try:
        return json.loads(message.choices[0].message.content)
    except (KeyError, json.JSONDecodeError):
        return {}


def own(path, parsed):
    return json.loads(path.read_text()), json.loads(parsed.arguments), json.loads(sys.argv[1])


def read(path):
    return path.read_text()


def settings(path):
    return json.loads(read(path))
