SERVERS = {
    "files": {"command": "npx", "args": ["-y", "files-server", "."], "transport": "stdio"},  # FOUND
}


def more():
    return {"web": {"command": "uvx", "args": ["web-server"], "transport": "stdio"}}  # FOUND
