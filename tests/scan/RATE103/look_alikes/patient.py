import time

import requests
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(wait=wait_exponential(max=20), stop=stop_after_attempt(3))
def ask(query):
    return requests.get("https://api.example.com", timeout=5)


def answer(query):
    for attempt in range(3):
        try:
            return requests.post("https://api.example.com", json={"q": query}, timeout=5)
        except requests.RequestException:
            time.sleep(2**attempt)
    raise RuntimeError("no answer")


def first_that_answers(hosts):
    for host in hosts:
        try:
            return requests.get(f"https://{host}", timeout=5)
        except requests.RequestException:
            continue
    return None


def once(query):
    for number in range(3):
        try:
            requests.get("https://api.example.com", timeout=5)
        except requests.RequestException:
            raise


def parsed(texts):
    while True:
        try:
            return int(next(texts))
        except ValueError:
            continue
