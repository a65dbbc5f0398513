from langchain_core.tools import tool
from langchain_experimental.utilities import PythonREPL
from openai import OpenAI

client = OpenAI()
python = PythonREPL()  # FOUND


@tool
def calculate(expression: str) -> str:
    """Calculate."""
    return str(eval(expression, {"__builtins__": {}}))  # FOUND


@tool
def run(code: str):
    """Run Python."""
    names = {}
    exec(code.strip(), names)  # FOUND
    return names


def table(question):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    return eval(response.choices[0].message.content)  # FOUND


def other(ask, question):
    response = ask(question)
    return eval(response)  # FOUND
