import logging

logging.basicConfig(level=logging.DEBUG)  # FOUND
logging.getLogger().setLevel("INFO")  # FOUND
logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)  # FOUND
