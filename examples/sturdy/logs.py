"""One JSON object a line on stdout, each with its request's id, none with a secret."""

import contextvars
import json
import logging
import sys
import traceback

request_id = contextvars.ContextVar("request_id", default="-")


class JsonLines(logging.Formatter):
    def __init__(self, secrets: list[str]):
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        text = json.dumps(line, default=str)
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return text


def start(level: str, secrets: list[str]) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx2", "httpcore2", "openai", "asyncio"):  # at DEBUG they would log whole prompts
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
