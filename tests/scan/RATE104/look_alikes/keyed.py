import httpx
from tenacity import retry, stop_after_attempt, wait_exponential

client = httpx.Client(timeout=5)


@retry(wait=wait_exponential(), stop=stop_after_attempt(3))
def charge_customer(customer, cents, key):
    headers = {"Idempotency-Key": key}
    return client.post("https://pay.example.com/charges", json={"cents": cents}, headers=headers)


@retry(wait=wait_exponential(), stop=stop_after_attempt(3))
def search_orders(query):
    return client.post("https://shop.example.com/search", json={"q": query})


def send_email(to):
    return client.post("https://mail.example.com/send", json={"to": to})
