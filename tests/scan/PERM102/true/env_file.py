import os

from dotenv import load_dotenv, set_key, unset_key


def keep(key):
    path = os.path.join(os.path.dirname(__file__), ".env")
    set_key(path, "OPENAI_API_KEY", key)  # FOUND


def forget():
    unset_key("/etc/agent/.env", "OPENAI_API_KEY")  # FOUND
