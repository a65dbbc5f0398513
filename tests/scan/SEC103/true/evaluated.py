from agents import function_tool


@function_tool
def calculate(expression: str):
    return eval(expression)  # FOUND


def run(code):
    exec(compile(code, "x", "exec"))  # FOUND
