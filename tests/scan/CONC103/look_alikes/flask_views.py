import requests
from flask import Blueprint, Flask
from openai import AzureOpenAI

pages = Blueprint("pages", __name__)


def create_app():
    app = Flask(__name__)

    @app.route("/agent", methods=["POST"])
    async def answer():
        return await complete("what")

    return app


async def complete(query):
    client = AzureOpenAI(timeout=10)
    return client.chat.completions.create(model="m", messages=[query])


@pages.get("/prices")
async def prices():
    return requests.get("https://shop.example.com", timeout=5).json()
