#!/bin/bash
echo "$1" | base64 -D > out.bin  # FOUND
ls | xargs -J % mv % /tmp/       # FOUND
