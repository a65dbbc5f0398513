import logging
import os

logger = logging.getLogger(__name__)
PLAIN_URL = "postgresql://localhost/agent"


class Provider:
    def post(self, path, payload):
        body = {"path": path, "has_token": bool(self.token), "token": "***"}
        logger.debug("POST %s body=%s", path, body)
        headers = {"Authorization": mask(self.token)}
        logger.debug("with %s", headers)
        usage = {"total_tokens": payload.total, "token_count": payload.count}
        logger.info("used %s", usage)


def connect():
    db_url = mask_password(os.environ["DATABASE_URL"])
    logger.info("connecting to %s", db_url)
    logger.info("connecting to %s", PLAIN_URL)
    base_url = os.environ["API_URL"]
    logger.info("asking %s", base_url)


def run(query, cursor):
    logger.info(f"running: {query}")
    cursor.execute(query)
