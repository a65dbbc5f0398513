import os

import psycopg
from openai import OpenAI

client = OpenAI(api_key="sk-proj-u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzdocJ2isAjIhKtJ0RlgLKOmxgJ")  # FOUND
ANTHROPIC = "sk-ant-api03-TeKdNnFRIBXuDL7DxtpYlSXpfKtHF4vUCsMehGAkWvj7FAc9QeWJKY40uvSwMFLZDe1f8rESQedUStPKR0CsTy4Qwb"  # FOUND
# os.environ["GROQ_API_KEY"] = "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"  FOUND
headers = {"Authorization": "Bearer ghp_qsajAIxNKu8iS2G8NPRVdD53X83RZJzzzzgE"}  # FOUND
GEMINI_KEY = os.getenv("GEMINI_API_KEY", "AIzaOzdmenCkhvMdgaKjIg8xNbe3nNyjOq9wMxE")  # FOUND
connection = psycopg.connect("postgresql://agent:hh2FDEEtfjgVvV@db.prod.internal:5432/agent")  # FOUND
JWT_SECRET = "8f506b40928b5b7a767c76fb008f86be"  # FOUND
SESSION = {"user": "agent", "password": "Z7Uw9xfog7k"}  # FOUND
KEY = "-----BEGIN RSA PRIVATE KEY-----\noEmvnEN5N1aE6PwZPf1Qh6yYTWmE4lBYOvfZ8UzDzV8fUkkibjL5DZPjN0MEQ7wj\n-----END RSA PRIVATE KEY-----"  # FOUND


class Search:
    def __init__(self):
        self.api_key = "40034d6608697a8d41bed440e50454f3"  # FOUND
