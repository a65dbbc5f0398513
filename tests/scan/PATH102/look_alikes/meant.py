import argparse
import logging
import os
import subprocess
from pathlib import Path

os.chdir(os.path.dirname(os.path.abspath(__file__)))
ROOT = Path(os.environ.get("WORKSPACE", os.getcwd()))
OTHER = os.getenv("OTHER") or os.getcwd()
logging.getLogger(__name__).info("started in %s", os.getcwd())


class Workspace:
    def __init__(self, root=None):
        self.root = Path(root) if root else Path.cwd()
        if root is None:
            root = Path.cwd()
        self.prompt = f"You work in {os.getcwd()}. Be careful."


def shown(path: Path, base: Path = Path.cwd()):
    subprocess.run(["ls"], cwd=os.getcwd(), timeout=5)
    return path.relative_to(Path.cwd()), os.path.relpath(path, os.getcwd())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.getcwd())
    return parser.parse_args()
