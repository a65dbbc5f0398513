import sys

from langchain_core.tools import tool

query = input("Your question: ")
print(query)


@tool
def ask(question: str, form):
    """Ask the person, if there is one."""
    if not sys.stdin.isatty():
        return form.input(question)
    return input(question)
