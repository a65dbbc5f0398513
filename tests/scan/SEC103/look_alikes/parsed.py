import ast
import json

from agents import function_tool

VALUE = eval("1 + 1")


@function_tool
def calculate(expression: str, model, table):
    model.eval()
    table.eval(expression)
    return ast.literal_eval(expression), json.loads(expression)
