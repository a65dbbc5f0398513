import openai
import spotipy
import wikipedia
from huggingface_hub import InferenceClient
from langchain_community.document_loaders import WebBaseLoader
from langchain_community.tools.tavily_search import TavilySearchResults
from langchain_ollama import ChatOllama
from langchain_openai import AzureOpenAIEmbeddings, OpenAIEmbeddings
from linkup import LinkupClient
from twilio.rest import Client

embeddings = OpenAIEmbeddings(model="text-embedding-3-small")  # FOUND
of_azure = AzureOpenAIEmbeddings(azure_deployment="ada")  # FOUND
local = ChatOllama(model="qwen3", temperature=0)  # FOUND
hosted = InferenceClient("Qwen/Qwen3-8B")  # FOUND
search = TavilySearchResults(max_results=1)  # FOUND
texts = Client("AC1", "token")  # FOUND
music = spotipy.Spotify(auth_manager=spotipy.SpotifyOAuth(scope="user-top-read"))  # FOUND
linkup = LinkupClient()


def answer(query):
    WebBaseLoader("https://docs.example.com").load()  # FOUND
    linkup.search(query=query, depth="standard", output_type="searchResults")  # FOUND
    wikipedia.summary(query)  # FOUND
    return openai.chat.completions.create(model="gpt-5", messages=[query])  # FOUND
