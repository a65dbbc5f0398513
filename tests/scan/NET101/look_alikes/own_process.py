import asyncio
import os
import webbrowser
from http.server import HTTPServer

import httpx

CALLBACK = "http://localhost:8080/oauth/callback"


def base():
    told = os.environ.get("GATEWAY_URL")
    if told:
        return told.rstrip("/")
    return "http://127.0.0.1:8000"


async def browser(port):
    process = await asyncio.create_subprocess_exec("chromium", f"--remote-debugging-port={port}")
    async with httpx.AsyncClient(timeout=5) as http:
        return process, await http.get(f"http://127.0.0.1:{port}/json/version")


def candidates(ports):
    return [f"http://127.0.0.1:{port}/callback" for port in ports]


def show(handler):
    server = HTTPServer(("127.0.0.1", 0), handler)
    url = f"http://localhost:{server.server_address[1]}"
    webbrowser.open(url)
