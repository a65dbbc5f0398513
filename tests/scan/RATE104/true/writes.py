import httpx
from tenacity import retry, stop_after_attempt, wait_exponential

client = httpx.Client(timeout=5)


@retry(wait=wait_exponential(), stop=stop_after_attempt(3))
def charge_customer(customer, cents):  # FOUND
    return client.post("https://pay.example.com/charges", json={"customer": customer, "cents": cents})
