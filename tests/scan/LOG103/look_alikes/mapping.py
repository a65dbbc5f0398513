import logging.config
import os

logging.config.dictConfig(
    {
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler", "level": "INFO"}},
        "loggers": {"httpx": {"level": "WARNING"}},
        "root": {"level": os.environ.get("LOG_LEVEL", "INFO"), "handlers": ["console"]},
    }
)
