#!/bin/sh
# Only the developer runs this.
docker build -t agent . && kubectl rollout restart deployment/agent
