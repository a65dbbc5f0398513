import os

if os.environ.get("DEBUG"):
    from models.local import complete
