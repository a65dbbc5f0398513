import os

KEY = os.environ["GROQ_API_KEY"]
PLACEHOLDER = "gsk_your_key_goes_here_your_key_goes_here_your_key"
REPEATED = "gsk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
PATTERN = r"gsk_[A-Za-z0-9]{40,}"
DIGEST = "d26ab4a829a95249f512c17b8ed411fa644d35db41d94e5efaf89fc43c5fa52f"
NAME = "tvly-python"

TELEMETRY = {"api_key": "phc_9tQmZr4LxKw2VbNc7HsDy1EfGpUa3RoJ"}
