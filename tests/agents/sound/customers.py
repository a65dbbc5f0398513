"""The customer service that the agent asks: a stand-in to run beside it, `python customers.py PORT`."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUSTOMERS = {"C-17": {"name": "Ada", "orders": [1007]}, "C-18": {"name": "Grace", "orders": []}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.reply(200, {"status": "ok"})
            return
        customer = CUSTOMERS.get(self.path.removeprefix("/customers/"))
        self.reply(200 if customer else 404, customer or {"error": "no such customer"})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
