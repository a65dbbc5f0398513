"""The customer API that the examples talk to.

    python customers.py 9107

GET /customers/{id}  the customer and their orders as JSON; 404 for an id that nobody has
GET /health          200 when it is well
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = ("Ada Winters", "Jonas Okoye", "Mei Lindqvist", "Tomás Ferreira")
ORDERS = (
    {"id": 1007, "item": "a pair of bicycle lamps", "status": "left the warehouse on Monday"},
    {"id": 1018, "item": "a rain cover", "status": "delivered on Friday"},
)


def customer(number):
    """Every number from 1 up is somebody's, so that any question can be tried."""
    return {
        "id": number,
        "name": NAMES[number % len(NAMES)],
        "plan": "plus" if number % 2 else "standard",
        "orders": ORDERS,
    }


class Customers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        match self.path.split("/")[1:]:
            case ["health"]:
                self.answer(200, {"status": "ok"})
            case ["customers", number] if number.isdecimal() and int(number) > 0:
                self.answer(200, customer(int(number)))
            case ["customers", number]:
                self.answer(404, {"error": f"no customer {number}"})
            case _:
                self.answer(404, {"error": "only /customers/{id} and /health are here"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PORT", "9107"))
    try:
        Server(("127.0.0.1", port), Customers).serve_forever()
    except KeyboardInterrupt:
        pass
