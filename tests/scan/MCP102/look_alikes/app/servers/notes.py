import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes")
TOKEN = os.environ["NOTES_TOKEN"]
FOLDER = os.environ.get("NOTES_FOLDER", "/data/notes")
HOME = os.environ["HOME"]
PROXY = os.getenv("NOTES_PROXY")
