import asyncio
import os
import subprocess

from langchain_core.tools import tool


@tool
def converted(path: str):
    os.system(f"libreoffice --headless --convert-to pdf {path}")  # FOUND
    return subprocess.getoutput(f"pdftotext {path} -")  # FOUND


@tool
async def built(folder: str):
    process = await asyncio.create_subprocess_exec("make", cwd=folder)
    return await process.wait()  # FOUND
