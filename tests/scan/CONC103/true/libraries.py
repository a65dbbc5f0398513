import boto3
import psycopg2
import pymongo
from crewai import Crew
from duckduckgo_search import DDGS
from fastapi import FastAPI
from llama_index.core import VectorStoreIndex
from langchain_chroma import Chroma
from openai import AzureOpenAI
from sqlmodel import Session, create_engine, select

app = FastAPI()
client = AzureOpenAI(timeout=5)
bucket = boto3.client("s3")
engine = create_engine("postgresql://store")
tickets = pymongo.MongoClient("mongodb://store").shop.tickets


class Store:
    def __init__(self):
        self.rows = psycopg2.connect("dbname=store", connect_timeout=5)

    async def found(self, query):
        cursor = self.rows.cursor()
        cursor.execute("select 1")  # FOUND
        return cursor.fetchall()


store = Store()


@app.post("/agent")
async def answer(query: str, crew: Crew, index: VectorStoreIndex):
    with DDGS() as search:
        pages = list(search.text(query))  # FOUND
    rows = await store.found(query)
    bucket.list_objects_v2(Bucket="b")  # FOUND
    tickets.find_one({"query": query})  # FOUND
    run = client.beta.threads.runs.create_and_poll(thread_id="t", assistant_id="a")  # FOUND
    query_engine = index.as_query_engine()
    told = query_engine.query(query)  # FOUND
    return crew.kickoff(inputs={"pages": pages}), rows, run, told  # FOUND


@app.post("/ingest")
async def ingest(text: str):
    kept = Chroma.from_texts([text], None)  # FOUND
    near = kept.similarity_search(text)  # FOUND
    with Session(engine) as session:
        return near, session.exec(select(1)).first()  # FOUND
