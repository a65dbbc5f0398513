import asyncio

from fastapi import FastAPI

from store import job_status

app = FastAPI()
jobs = {}


async def work(job_id, query):
    job_status[job_id].update({"status": "processing", "query": query})  # FOUND


@app.post("/jobs")
async def start(job_id: str, query: str):
    jobs[job_id] = {"query": query}  # FOUND
    await asyncio.create_task(work(job_id, query))


@app.get("/jobs/{job_id}")
async def how_far(job_id: str):
    return jobs.get(job_id), job_status[job_id]
