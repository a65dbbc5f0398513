import requests
from celery import Celery
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from requests.adapters import HTTPAdapter

queue = Celery("jobs")
session = requests.Session()
session.mount("https://", HTTPAdapter(max_retries=0))
writer = ChatGoogleGenerativeAI(model="m", max_retries=2)
reader = ChatOpenAI(model="m")


@queue.task(max_retries=0)
def write(text):
    return writer.invoke(text)
