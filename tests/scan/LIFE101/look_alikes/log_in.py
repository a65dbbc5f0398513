import argparse
from http.server import BaseHTTPRequestHandler, HTTPServer


def log_in():
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_request()


def main():
    argparse.ArgumentParser().parse_args()
    log_in()


if __name__ == "__main__":
    main()
