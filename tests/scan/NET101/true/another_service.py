import httpx


def ask(port, question):
    return httpx.post(f"http://localhost:{port}/ask", json={"question": question}, timeout=5)  # FOUND


def token(code):
    return httpx.post("http://localhost:8080/oauth/token", data={"code": code}, timeout=5)  # FOUND


def base(first):
    if first:
        return "https://gateway.example.com"
    return "http://127.0.0.1:8000"  # FOUND
