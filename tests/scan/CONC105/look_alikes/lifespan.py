from contextlib import asynccontextmanager

import aiohttp
import httpx

client = httpx.AsyncClient(timeout=5)


@asynccontextmanager
async def lifespan(app):
    app.state.session = aiohttp.ClientSession()
    yield
    await app.state.session.close()
