#!/bin/sh
cat banner.txt
exec python main.py
