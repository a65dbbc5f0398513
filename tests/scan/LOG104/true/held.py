import json
import logging
import os

logger = logging.getLogger(__name__)


class Provider:
    def _block(self):
        return {"code": self.code, "token": self.token}

    def post(self, path, payload):
        body = {"authorization": self._block()}
        body.update(payload)
        logger.debug("POST %s body=%s", path, body)  # FOUND
        return self._client.post(path, json=body)

    def get(self, path):
        headers = {"X-Api-Key": self.key, "Accept": "application/json"}
        logger.info(f"asking with {json.dumps(headers)}")  # FOUND
        return self._client.get(path, headers=headers)


def connect():
    db_url = os.getenv("DATABASE_URL", "postgresql://agent:agent@localhost/agent")
    logger.info("connecting to %s", db_url)  # FOUND


def connect_from(settings):
    logger.info(f"connecting to {settings.database_url}")  # FOUND


def search(query, index):
    logger.info(f"searching: {query}")  # FOUND
    vector = create_embedding(query)
    return index.find(vector)


def receive(state):
    current_message = state["body"]
    logger.info(f"Current message: {current_message}")  # FOUND
