import json
import logging
from pathlib import Path

import boto3

logger = logging.getLogger(__name__)


def started(job, analytics, tracer):
    try:
        logger.info("started %s", job)
    except Exception:
        pass
    try:
        analytics.track("job.started", {"job": job})
        capture_event("job.started", distinct_id=job)
    except Exception:
        pass
    try:
        tracer.start_span(job).set_tag("job", job)
    except Exception:
        pass


def noted(state, message, found):
    try:
        state.setdefault("messages", []).append(message)
    except Exception:
        pass
    try:
        state["owner"] = getattr(message, "owner").model_dump()
    except Exception:
        state["owner"] = None
    try:
        return sorted(found, key=lambda each: each.updated_at)
    except Exception:
        return []


class Agent:
    def __init__(self):
        self._store = {}
        self._model = None

    def told(self, name, table):
        try:
            table.add_row(name, self._store.get(name))
        except Exception:
            pass
        try:
            return self._store.find_all(name)
        except Exception:
            return []

    @property
    def s3(self):
        try:
            return boto3.client("s3")
        except Exception:
            return None


async def broadcast(websockets, event):
    for websocket in websockets:
        try:
            await websocket.send_json(event)
        except Exception:
            continue


def home_file(name):
    try:
        path = Path.home() / name
        return path if path.exists() else None
    except Exception:
        return None


def parsed(raw):
    try:
        return json.loads(raw)
    except Exception:
        return None


def described(text, response):
    try:
        return response.json()["error"]["message"]
    except Exception:
        pass
    return text
