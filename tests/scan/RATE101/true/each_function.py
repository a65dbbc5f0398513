import aiohttp
import httpx
import requests
from googleapiclient.discovery import build
from langchain_core.tools import tool


@tool
def tasks(status: str):
    return requests.get(f"https://tasks.example.com/api/tasks?status={status}", timeout=10).json()  # FOUND


@tool
async def task(identity: str):
    async with httpx.AsyncClient() as http:
        return (await http.get(f"https://tasks.example.com/api/tasks/{identity}")).json()  # FOUND


class Tasks:
    async def approved(self, identity):
        async with aiohttp.ClientSession() as session:
            await session.post(f"https://tasks.example.com/api/tasks/{identity}/approve")  # FOUND
            await session.post(f"https://tasks.example.com/api/tasks/{identity}/close")


def mails(credentials, identities):
    service = build("gmail", "v1", credentials=credentials)
    for identity in identities:
        yield service.users().messages().get(userId="me", id=identity).execute()  # FOUND
