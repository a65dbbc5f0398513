#!/bin/sh
# sed -i '' would be wrong here
echo "sed -i '' is BSD's"
ls -l | sort -k5 -n | tail -n 3
