import logging
import os

LEVEL = os.environ.get("LOG_LEVEL", "INFO")
logging.basicConfig(level=LEVEL)
logging.basicConfig(level=os.environ.get("LOG_LEVEL", logging.INFO))
logging.basicConfig(format="%(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)


def set_up(verbose):
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO)


def told(debug):
    if debug:
        logging.basicConfig(level=logging.DEBUG)
    else:
        logging.basicConfig(level=logging.INFO)


logger = logging.getLogger(__name__)
logger.setLevel(LEVEL)
for name in ("httpx", "urllib3"):
    logging.getLogger(name).setLevel(logging.WARNING)
