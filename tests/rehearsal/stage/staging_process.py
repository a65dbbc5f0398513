"""Performs one staging: reads it from standard input, writes what was seen to the file that is named."""

import pickle
import sys
from pathlib import Path

import uvloop
from tests.rehearsal.stage.staging import perform

if __name__ == "__main__":
    seen = uvloop.run(perform(pickle.load(sys.stdin.buffer)))
    Path(sys.argv[1]).write_bytes(pickle.dumps(seen))
