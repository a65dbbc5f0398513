from pathlib import Path

TASKS = Path("config/tasks.yaml").read_text()  # FOUND
ENVIRONMENT = open("../.env")  # FOUND
