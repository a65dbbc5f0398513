#!/bin/sh
grep "$1" notes
