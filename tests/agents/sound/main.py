"""The agent as an HTTP service: POST /agent {"query": …} gives {"output": …}."""

import contextvars
import json
import logging
import select
import signal
import socket
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import settings

import agent
import model

SECONDS = 7
AT_ONCE = threading.BoundedSemaphore(40)
LARGEST_QUERY = 64 * 1024

log = logging.getLogger("agent")
request_id = contextvars.ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    def format(self, record):
        line = {"level": record.levelname, "message": record.getMessage(), "request_id": request_id.get()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        if self.path in ("/health/live", "/health/ready"):
            self.reply(200, {"status": "ok"})
        else:
            self.reply(404, {"error": f"there is nothing at {self.path}"})

    def do_POST(self):
        request_id.set(self.headers.get("X-Request-ID") or uuid.uuid4().hex)
        model.has_gone.set(self.has_gone)
        if self.path != "/agent":
            self.reply(404, {"error": f"there is nothing at {self.path}"})
        elif not AT_ONCE.acquire(blocking=False):
            self.reply(503, {"error": "too many requests at once, try again"}, {"Retry-After": "1"})
        else:
            try:
                self.reply(*self.answer())
            finally:
                AT_ONCE.release()

    def answer(self):
        try:
            query = self.query()
            return 200, {"output": agent.answer(query, time.monotonic() + SECONDS)}
        except model.Failed as error:
            log.error("request failed: %s: %s", type(error.__cause__ or error).__name__, error)
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
            return error.status, {"error": str(error)}, headers
        except Exception:
            log.exception("request failed")
            return 500, {"error": "internal error"}

    def has_gone(self):
        """Whether the caller has closed its connection."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True

    def query(self):
        length = int(self.headers.get("Content-Length", 0))
        try:
            return str(json.loads(self.rfile.read(min(length, LARGEST_QUERY)))["query"])
        except (ValueError, KeyError, TypeError) as error:
            raise model.Failed(400, 'the body is not JSON like {"query": "…"}') from error

    def reply(self, status, body, headers={}):
        data = json.dumps({**body, "request_id": request_id.get()}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}
        if request_id.get():
            headers["X-Request-ID"] = request_id.get()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            log.warning("the caller has gone")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128


def main():
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(JsonLines())
    logging.basicConfig(level=settings.LOG_LEVEL, handlers=[lines])
    server = Server(("0.0.0.0", settings.PORT), Handler)
    # shutdown() waits for the loop below, so it has to run beside it.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()  # waits for the requests under way


if __name__ == "__main__":
    main()
