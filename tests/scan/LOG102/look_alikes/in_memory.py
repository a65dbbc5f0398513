import json
import logging
from pathlib import Path

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
