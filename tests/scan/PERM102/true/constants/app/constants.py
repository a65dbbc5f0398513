from pathlib import Path

CACHE_DIR = Path(__file__).parent.parent / "cache"
