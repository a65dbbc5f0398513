import time


class ToolHandler:
    def run_tool(self, query):
        raise NotImplementedError


class Wait(ToolHandler):
    def run_tool(self, query):
        time.sleep(len(query))  # FOUND


TOOLS = {"wait": Wait()}


def find_tool(name) -> ToolHandler | None:
    return TOOLS.get(name)
