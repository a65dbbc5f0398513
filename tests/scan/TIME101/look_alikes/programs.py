import asyncio
import os

from langchain_core.tools import tool


@tool
def shown(path: str):
    os.system("clear")
    os.system(f"mkdir {path}")
    os.system(path)


@tool
async def built(folder: str):
    process = await asyncio.create_subprocess_exec("make", cwd=folder)
    return await asyncio.wait_for(process.wait(), 60)
