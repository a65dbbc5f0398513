import logging

logger = logging.getLogger(__name__)


class Assistant:
    def next(self, messages):
        logger.debug(f"asks {messages}")
        return messages
