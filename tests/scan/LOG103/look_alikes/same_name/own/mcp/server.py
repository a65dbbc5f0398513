import logging

import mcp.server.stdio

logging.getLogger("mcp").setLevel(logging.ERROR)
server = mcp.server.Server("own")
