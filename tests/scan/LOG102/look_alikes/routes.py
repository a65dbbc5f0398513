import logging

from fastapi import FastAPI, HTTPException
from mcp.server.fastmcp import FastMCP

app = FastAPI()
mcp = FastMCP("notes")
logger = logging.getLogger(__name__)


@app.post("/chat")
def chat(query: str):
    try:
        return {"answer": query}
    except Exception as error:
        logger.exception("no answer")
        return {"error": str(error)}


@app.get("/titles")
def titles():
    try:
        return []
    except Exception as error:
        raise HTTPException(500, "no titles") from error


@app.get("/title")
def title(name: str):
    try:
        return {"title": name}
    except KeyError:
        return {"title": None}


@mcp.tool()
def search(query: str) -> str:
    """The model reads the error."""
    try:
        return query
    except Exception as error:
        return f"Error: {error}"
