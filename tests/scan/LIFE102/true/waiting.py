import getpass

from fastapi import FastAPI
from langchain_core.tools import tool

app = FastAPI()


def approved(question):
    return input(question) == "y"  # FOUND


@tool
def delete(path: str):
    """Delete a file."""
    if approved(f"delete {path}? "):
        return "deleted"
    breakpoint()  # FOUND
    return "kept"


@app.on_event("startup")
def unlock():
    return getpass.getpass("key: ")  # FOUND
