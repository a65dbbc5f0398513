"""The server: what an `entry:` agent runs on."""
