import time
from collections import defaultdict

from fastapi import FastAPI

from settings import Settings

app = FastAPI()
reader = None
settings_now = None
logged = set()
said_once = []
service = None
stats = {"requests": 0}
is_degraded = False
hits = 0
requests_counted = 0
state = {"ready": False}


class Store:
    checked_at = 0.0

    def check(self):
        now = time.time()
        if now - Store.checked_at < 2.0:
            return
        Store.checked_at = now


def get_reader():
    return picked_reader()


def picked_reader():
    global reader
    if reader is not None:
        return reader
    found = defaultdict(list)
    reader = found
    return found


def reload_settings(path):
    global settings_now
    settings_now = Settings.from_file(path)
    return settings_now


def register_mail(tools, given):
    global service
    service = given
    tools.append(service)


def name_of(port):
    if port not in logged:
        logged.add(port)
    return port


def looked_up():
    global is_degraded, hits
    is_degraded = True
    hits += 1
    state["ready"] = True
    return is_degraded, hits


@app.post("/agent")
def answer(query: str, port: str):
    global requests_counted
    requests_counted += 1
    stats["requests"] += 1
    reload_settings("/etc/agent.toml")
    register_mail([], query)
    Store().check()
    return get_reader(), name_of(port), looked_up(), state, stats
