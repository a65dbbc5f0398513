from http.server import HTTPServer

from mcp.server.fastmcp import FastMCP

local = FastMCP("files")
remote = FastMCP("search", host="0.0.0.0")


def wait_for_callback(handler):
    return HTTPServer(("localhost", 8090), handler).handle_request()


def code(OAuthHandler):
    return HTTPServer(("127.0.0.1", 8090), OAuthHandler).handle_request()


def main(pool):
    pool.run("job", queue="localhost")
    local.run()
    remote.run(transport="streamable-http")
