import os
from pathlib import Path

CACHE_DIR = Path(os.environ["CACHE_DIR"])
PROMPTS = Path(__file__).parent / "prompts"
