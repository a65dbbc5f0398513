from pathlib import Path

DATA_DIR = Path("data")
PROMPT_FILE = "prompts/system.md"
