import os

from dotenv import load_dotenv, set_key

load_dotenv(os.path.join(os.path.dirname(__file__), ".env"))


def keep(key):
    set_key(os.path.join(os.environ["STATE_DIR"], ".env"), "OPENAI_API_KEY", key)
