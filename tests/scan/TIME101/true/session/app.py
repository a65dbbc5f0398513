import requests
from wiki import Wiki

wiki = Wiki(session=requests.Session())


class Pages:
    def __init__(self, wiki: Wiki):
        self.wiki = wiki

    def restrict(self, page: str, body: dict) -> dict:
        response = self.wiki._session.put(f"https://wiki.example.com/{page}", json=body)  # FOUND
        response.raise_for_status()
        return response.json()
