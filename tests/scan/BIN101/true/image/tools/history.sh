#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"
latest() {
  git log -1 --format=%s   # FOUND
}
latest | head -1
for name in *.json; do
  jq -r '.name' "$name" | sort   # FOUND
done
env LC_ALL=C sudo lsof -i   # FOUND
