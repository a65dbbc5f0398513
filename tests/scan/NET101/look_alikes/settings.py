import argparse
import logging
import os
from dataclasses import dataclass

import httpx
import redis
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic_settings import BaseSettings

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
ALLOWED_ORIGINS = ["http://localhost:5173"]
HOST = "127.0.0.1"
OLLAMA = os.environ.get("OLLAMA_HOST", "http://localhost:11434")
CACHE = os.getenv("CACHE") or "redis://localhost:6379"
SEARCH = "http://search.internal:8080"


class Settings(BaseSettings):
    database: str = "postgresql://localhost/agent"


@dataclass
class Options:
    host: str = "localhost"


def client(base_url="http://localhost:8000"):
    return httpx.Client(base_url=base_url, timeout=5)


def is_local(url):
    """Talks to http://localhost:8000 on the laptop."""
    return url.startswith("http://localhost") or url == "http://127.0.0.1:8000"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://localhost:8000")
    print("serving on http://localhost:8000")
    logging.info("open http://127.0.0.1:%d", 8000)
    cache = redis.Redis(host=os.environ.get("REDIS_HOST", "localhost"))
    uvicorn.run(app, host=HOST)


def allowed(settings):
    origins = list(settings.origins)
    origins.append("http://localhost:3000")
    return origins


def show(port):
    import webbrowser

    webbrowser.open_new_tab(f"http://localhost:{port}")
