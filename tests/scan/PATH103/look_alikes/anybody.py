"""Reads files, such as /Users/jdoe/notes.md."""

import re

from pydantic import BaseModel, Field

SANDBOX = "/home/user/work/out.txt"
IMAGE = "/home/node/app/server.js", "/home/appuser/.cache/x"
CHROME = "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe", "C:\\Windows\\System32\\cmd.exe"
PATTERN = re.compile(r"/home/[a-z]+/.*|/Users/(\w+)/x")
ROUTE = "/users/{user_id}/events", "https://example.com/home/news/today", "s3://bucket/home/jdoe/x"
PROMPT = """
Give absolute paths, such as /Users/jdoe/notes.md
"""
TOOL = {"name": "read", "description": "Reads a file, for example /home/jdoe/notes.md"}


class Arguments(BaseModel):
    path: str = Field(description="an absolute path: /Users/jdoe/notes.md")
    other: str = Field(examples=["C:\\Users\\Jane\\x.txt"])


def answer(path: str, name: str):
    """Reads `/home/jdoe/x`."""
    if path.startswith("/Users/jdoe/"):
        raise ValueError("use no paths such as /Users/jdoe/x")
    return f"/home/{name}/x", "/Users/your_name/x", "C:\\path\\to\\x"
