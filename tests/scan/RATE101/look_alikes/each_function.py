import requests
from googleapiclient.discovery import build


def page(url):
    return requests.get(url, timeout=10).text


def is_alive():
    return requests.get("https://tasks.example.com/health", timeout=10).ok


def send_telemetry(event):
    requests.post("https://events.example.com", json=event, timeout=2)


def mails(credentials, identities):
    service = build("gmail", "v1", credentials=credentials)
    service.users().labels().list(userId="me").execute()
    for identity in identities:
        yield service.users().messages().get(userId="me", id=identity).execute(num_retries=3)
