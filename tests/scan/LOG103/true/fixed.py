import logging

logging.basicConfig(level=logging.DEBUG)  # FOUND
logging.getLogger().setLevel("INFO")  # FOUND
