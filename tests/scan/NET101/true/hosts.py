import httpx
import redis
from openai import OpenAI
from sqlalchemy import create_engine

OLLAMA = "http://localhost:11434"  # FOUND
DB_HOST = "127.0.0.1"  # FOUND
engine = create_engine("postgresql://agent:secret@localhost:5432/agent")  # FOUND
cache = redis.Redis(host="localhost", port=6379)  # FOUND
client = OpenAI(base_url="http://192.168.1.20:8000/v1", api_key="x")  # FOUND


def answer(query, port):
    return httpx.get(f"http://127.0.0.1:{port}/search", params={"q": query})  # FOUND
