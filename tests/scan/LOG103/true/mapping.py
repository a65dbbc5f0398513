import logging
import logging.config

SETTINGS = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "INFO"}},
    "root": {"level": "INFO", "handlers": ["console"]},  # FOUND
}
logging.config.dictConfig(SETTINGS)


def louder():
    logging.root.setLevel(logging.ERROR)  # FOUND
