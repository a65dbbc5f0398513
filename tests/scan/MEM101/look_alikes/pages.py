import httpx
import requests
from agents import function_tool

PRICES = "https://prices.example.com/today"


@function_tool
def prices(product: str):
    return requests.get(PRICES, params={"product": product}, timeout=5).text


def asked(url):
    """Of the shop's own service, which its callers below name."""
    return requests.get(url, timeout=5).text


@function_tool
def stock(product: str):
    return asked(f"https://stock.example.com/{product}")


@function_tool
def is_there(url: str):
    return requests.get(url, timeout=5).status_code == 200


@function_tool
def begins(url: str):
    with httpx.stream("GET", url, timeout=5) as response:
        return next(response.iter_text(10_000))
