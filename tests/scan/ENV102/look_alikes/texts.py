import os

import httpx

TOKEN = os.getenv("TOKEN")
if not TOKEN:
    raise SystemExit("TOKEN is missing")
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
MODEL = os.getenv("MODEL")
print(f"model: {MODEL}, region: {os.getenv('REGION')}")


class Search:
    def __init__(self):
        self.key = os.getenv("SEARCH_KEY")
        if self.key is None:
            raise ValueError("SEARCH_KEY is missing")
        self.other = f"Bearer {os.environ['OTHER_KEY']} {os.getenv('HOST', 'search')}"

    def run(self, query):
        extra = os.getenv("EXTRA_TOKEN")
        headers = {"Authorization": f"Token {self.key}"}
        if extra:
            headers["Extra"] = f"Bearer {extra}"
        return httpx.get("https://search.example.com", headers=headers, timeout=5)
