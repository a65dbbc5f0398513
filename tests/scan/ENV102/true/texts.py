import os

import httpx

TOKEN = os.getenv("TOKEN")
HOST = os.environ.get("SEARCH_HOST")
HEADERS = {"Authorization": f"Bearer {TOKEN}"}  # FOUND


class Search:
    def __init__(self):
        self.key = os.getenv("SEARCH_KEY")

    def run(self, query):
        headers = {"Authorization": f"Token {self.key}"}  # FOUND
        return httpx.get(f"https://{HOST}/search", headers=headers, timeout=5)  # FOUND
