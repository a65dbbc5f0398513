"""Set OPENAI_API_KEY=sk-proj-... or sk-your-key-here in .env."""

import os
import re

API_KEY = os.environ["API_KEY"]
api_key = os.getenv("OPENAI_API_KEY", "sk-your-api-key-here-0000000000000000000000")
LOCAL_KEY = "not-needed"
JWT_SECRET = os.environ.get("JWT_SECRET", "change-me-in-production-0001")
SECRET_NAME = "projects/42/secrets/openai-key-2/versions/3"
DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-4f9a"
PASSWORD_FIELD = "password1"
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://postgres:postgres@localhost:5432/agent")
TEMPLATE = "postgresql://{user}:{password}@db.internal:5432/agent"
COMPOSE = "postgresql://agent:agentpassword@db:5432/agent"
PATTERN = re.compile(r"sk-ant-api03-[A-Za-z0-9_-]{80,}")
token = "access_token"
next_page_token = "page-2"
pad_token = "<|endoftext|>"
stop_token = "<|im_end|>"
api_key = "ollama"
api_key = "EMPTY"
CONFIG = {"password": "password", "api_key": "${OPENAI_API_KEY}", "token": "{{ token }}"}
URL = "https://example.com/sk-learn-introduction-to-machine-learning-with-python-2024"
CLASS_NAME = "task-runner-sk-abcdefghijklmnop"
