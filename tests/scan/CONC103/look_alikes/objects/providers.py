import requests


class Provider:
    def ask(self, query):
        return self.complete(query)

    def complete(self, query):
        return requests.get("https://x.example.com", timeout=5).text


class Other:
    """Shares a method's name with what runs in the loop, and no class."""

    async def ask(self, query):
        return query


def get_provider(query) -> Provider:
    return Provider()
