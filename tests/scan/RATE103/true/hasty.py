import requests
from tenacity import retry, stop_after_attempt


@retry  # FOUND
def ask(query):
    return requests.get("https://api.example.com", timeout=5)


@retry(stop=stop_after_attempt(3))  # FOUND
def ask_again(query):
    return requests.get("https://api.example.com", timeout=5)


def answer(query):
    for attempt in range(3):  # FOUND
        try:
            return requests.post("https://api.example.com", json={"q": query}, timeout=5)
        except requests.RequestException:
            continue
    raise RuntimeError("no answer")
