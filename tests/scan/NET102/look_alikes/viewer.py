import webbrowser
from http.server import HTTPServer


def show(handler, port):
    server = HTTPServer(("127.0.0.1", port), handler)
    webbrowser.open(f"http://localhost:{port}")
    server.serve_forever()
