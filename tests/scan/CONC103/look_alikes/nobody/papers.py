import asyncio

import requests


class Papers:
    async def found(self, query):
        return query

    async def download(self, address):
        """Only shown below."""
        return requests.get(address, timeout=5).content


async def unused(address):
    return requests.get(address, timeout=5).text


async def example_usage():
    await Papers().download("https://papers.example.com/1.pdf")


if __name__ == "__main__":
    asyncio.run(example_usage())
