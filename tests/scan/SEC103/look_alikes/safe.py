import ast
import json
import operator
from pathlib import Path

from langchain_core.tools import tool

OPERATORS = {ast.Add: operator.add}
SETTINGS = Path(__file__).parent / "settings.py"

exec(compile(SETTINGS.read_text(), "settings.py", "exec"))
ANSWER = eval("40 + 2")


@tool
def calculate(expression: str) -> str:
    """Calculate."""
    return str(ast.literal_eval(expression))


@tool
def table(text: str, frame, model):
    """Read a table."""
    model.eval()
    frame.eval("a = b + c")
    return json.loads(text)


def answer(client, model, question):
    model.eval()
    response = client.ask(question)
    return json.loads(response)


def apply_profile(agent, profile):
    """The person's own file of settings for this agent."""
    exec(profile["start_script"], {"agent": agent})
