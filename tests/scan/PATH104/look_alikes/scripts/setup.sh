#!/bin/bash
# The developer's own.
cat config/names.json
export DATA=/Users/anna/data
