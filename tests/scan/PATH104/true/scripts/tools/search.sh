#!/bin/bash
source /Users/anna/agent/.venv/bin/activate  # FOUND
INDEX=/home/anna/data/index  # FOUND
jq '.names' config/names.json  # FOUND
python lookup.py < queries.txt  # FOUND
