import httpx
import psycopg
import redis
import requests
import weaviate
from openai import OpenAI

client = OpenAI(timeout=10)
http = httpx.Client(timeout=5)
cache = redis.Redis(host="cache.internal", socket_timeout=5)
catalogue = lambda: requests.get("https://shop.example.com/catalogue", timeout=5)


def connect_to_store():
    return weaviate.connect_to_local()


def connect():
    return psycopg.connect("postgresql://db.internal/agent", connect_timeout=5)


if __name__ == "__main__":
    connect()
    requests.get("https://shop.example.com/catalogue", timeout=5)
