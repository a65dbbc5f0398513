import contextlib
import io

from agents import function_tool


class ConsoleHandler(BaseCallbackHandler):
    def on_tool_end(self, found):
        print(f"found {found}")


@function_tool
def calculate(expression: str) -> str:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        print(calculated(expression))
    return written.getvalue()
