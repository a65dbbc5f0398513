import asyncio

import boto3
import redis.asyncio as redis
from crewai import Crew
from duckduckgo_search import DDGS
from fastapi import FastAPI
from langchain_chroma import Chroma
from openai import AsyncOpenAI
from pymongo import AsyncMongoClient
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()
client = AsyncOpenAI(timeout=5)
bucket = boto3.client("s3")
cache = redis.Redis.from_url("redis://store")
tickets = AsyncMongoClient("mongodb://store").shop.tickets


@app.post("/agent")
async def answer(query: str, crew: Crew, session: AsyncSession, store: Chroma):
    pages = await asyncio.to_thread(DDGS().text, query)
    link = bucket.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": query})
    await tickets.find_one({"query": query})
    await cache.get(query)
    await session.execute("select 1")
    near = await store.asimilarity_search(query)
    run = await client.beta.threads.runs.create_and_poll(thread_id="t", assistant_id="a")
    return await crew.kickoff_async(inputs={"pages": pages}), link, near, run


@app.post("/in-a-thread")
def in_a_thread(query: str, crew: Crew):
    return crew.kickoff(inputs={"query": query})
