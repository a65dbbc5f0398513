import json
import os

PORT = int(os.environ["PORT"])  # FOUND
TIMEOUT = float(os.getenv("TIMEOUT", "30"))  # FOUND
LIMITS = json.loads(os.environ.get("LIMITS") or "{}")  # FOUND
