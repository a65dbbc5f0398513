import json
import os

PORT = int(os.environ["PORT"])  # FOUND
TIMEOUT = float(os.getenv("TIMEOUT"))  # FOUND
LIMITS = json.loads(os.environ["LIMITS"])  # FOUND
HOSTS = os.getenv("HOSTS").split(",")  # FOUND


def workers():
    wanted = os.environ.get("WORKERS")
    return int(wanted)  # FOUND
