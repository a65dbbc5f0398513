import hashlib
import time
import uuid

from fastapi import FastAPI, Request

app = FastAPI()
buckets = {}
stop_flags = {}
verified = {}
failed = {}
digests = {}
log = []
runs = {}


class Research:
    def __init__(self):
        self.task_id = str(uuid.uuid4())

    def run(self):
        stop_flags[self.task_id] = False  # FOUND


def allowed(client_ip):
    if client_ip not in buckets:
        buckets[client_ip] = [time.time(), 20.0]  # FOUND
    return buckets[client_ip]


def verify(emails):
    for each in emails:
        address = each.strip().lower()
        verified[address] = True  # FOUND


def host_of(url):
    return url.split("/")[2]


def read(url):
    host = host_of(url)
    failed[host] = time.time()  # FOUND
    return host


@app.post("/agent")
def answer(request: Request, query: str, emails: list[str], url: str):
    digest = hashlib.sha256(query.encode()).hexdigest()
    digests[digest] = len(query)  # FOUND
    log.append({"at": time.time(), "length": len(query)})  # FOUND
    run = uuid.uuid4()
    runs[str(run)] = query  # FOUND
    verify(emails)
    Research().run()
    return allowed(request.client.host), read(url)
