#!/bin/bash
echo "$1" | base64 -D > out.bin  # FOUND
ls | xargs -J % mv % /tmp/       # FOUND
stat -c %s out.bin               # FOUND
date -d "1 day ago" +%F          # FOUND
