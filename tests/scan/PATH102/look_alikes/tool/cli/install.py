from pathlib import Path

CLIENTS = {"editor": lambda: Path.cwd() / ".editor" / "servers.json"}
