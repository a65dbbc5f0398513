#!/bin/sh
if command -v bat >/dev/null; then
  bat notes.md
else
  cat notes.md
fi
greet() { echo "$1"; }
greet you
