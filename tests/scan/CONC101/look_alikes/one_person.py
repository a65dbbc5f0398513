import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer

code = None
problem = None


class CallbackHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        global code, problem
        code = self.path.partition("code=")[2]
        problem = self.path.partition("error=")[2]


def log_in(address):
    webbrowser.open(address)
    server = HTTPServer(("localhost", 8080), CallbackHandler)
    server.handle_request()
    return code, problem
