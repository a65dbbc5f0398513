import requests
from store import Store


class Pages:
    def __init__(self, wiki, store: Store):
        self.wiki = wiki
        self.store = store

    def put(self, page: str, body: dict) -> dict:
        response = self.wiki._session.put(f"https://wiki.example.com/{page}", json=body, timeout=20)
        response.raise_for_status()
        return response.json()

    def known(self, key: str) -> str:
        user = self.store.session.get("user")
        return user.name if user else key

    async def read(self, page: str) -> str:
        answer = await self.wiki.session.get(page)
        return answer.status_code


def first() -> int:
    return requests.get("https://wiki.example.com", timeout=5).status_code
