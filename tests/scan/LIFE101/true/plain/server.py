from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)


def main():
    ThreadingHTTPServer(("0.0.0.0", 8080), Answers).serve_forever()  # FOUND


if __name__ == "__main__":
    main()
