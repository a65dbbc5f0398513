from agents import function_tool


@function_tool
def calculate(expression: str):
    return eval(expression)  # FOUND


@function_tool
def run(code: str):
    exec(code)  # FOUND
