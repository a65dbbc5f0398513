#!/bin/bash
cd "$(dirname "$0")" || exit 1
source .venv/bin/activate
INDEX="$HOME/data/index"
cat names.json
ls /home/app/data /home/node
