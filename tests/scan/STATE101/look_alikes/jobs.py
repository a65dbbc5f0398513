import asyncio

from fastapi import FastAPI

app = FastAPI()
running_jobs = {}
results = {}
descriptions = {}


@app.post("/jobs")
async def start(job_id: str, query: str):
    running_jobs[job_id] = asyncio.create_task(asyncio.sleep(1))
    results[job_id] = query  # nobody else asks for it
    descriptions[query] = job_id
    return results.pop(job_id)


@app.delete("/jobs/{job_id}")
async def stop(job_id: str):
    running_jobs.pop(job_id).cancel()
    return descriptions
