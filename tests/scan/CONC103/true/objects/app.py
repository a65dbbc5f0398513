from fastapi import FastAPI

from providers import get_provider
from settings import app_settings
from tools import find_tool

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    provider = get_provider(query)
    return provider.ask(query), app_settings.source.rows(query)


@app.post("/tools/{name}")
async def run(name: str, query: str):
    tool = find_tool(name)
    if tool is None:
        return None
    return tool.run_tool(query)
