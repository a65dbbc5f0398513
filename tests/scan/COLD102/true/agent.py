import psycopg
import requests
import weaviate
from transformers import AutoModel

connection = psycopg.connect("postgresql://db.internal/agent", connect_timeout=5)  # FOUND
store = weaviate.connect_to_local()  # FOUND
CATALOGUE = requests.get("https://shop.example.com/catalogue", timeout=5).json()  # FOUND
model = AutoModel.from_pretrained("/models/x")  # FOUND


class Agent:
    rates = requests.get("https://bank.example.com/rates", timeout=5)  # FOUND
