import os
from pathlib import Path

HERE = Path(__file__).parent
DATA_DIR = HERE / "data"
PROMPT_FILE = os.environ.get("PROMPT_FILE", "prompts/system.md")
INDEX_DIR = "/srv/index"
