import aiohttp
import openai
import spotipy
from huggingface_hub import InferenceClient
from langchain_community.document_loaders import WebBaseLoader
from langchain_ollama import ChatOllama
from langchain_openai import OpenAIEmbeddings
from linkup import LinkupClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

openai.timeout = 30
embeddings = OpenAIEmbeddings(model="text-embedding-3-small", timeout=10)
local = ChatOllama(model="qwen3", client_kwargs={"timeout": 60})
hosted = InferenceClient("Qwen/Qwen3-8B", timeout=30)
texts = Client("AC1", "token", http_client=TwilioHttpClient(timeout=10))
music = spotipy.Spotify(auth_manager=spotipy.SpotifyOAuth(scope="user-top-read", requests_timeout=10))
player = spotipy.Spotify(auth="token")
linkup = LinkupClient()


def answer(query):
    WebBaseLoader("https://docs.example.com", requests_kwargs={"timeout": 10}).load()
    linkup.search(query=query, depth="standard", output_type="searchResults", timeout=30)
    return openai.chat.completions.create(model="gpt-5", messages=[query])


async def pages(addresses):
    async with aiohttp.ClientSession() as session:
        return [await (await session.get(each)).text() for each in addresses]
