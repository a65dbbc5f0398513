import httpx
from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_random_exponential

client = OpenAI(max_retries=2)
wrapped = OpenAI(max_retries=0)


@retry(wait=wait_random_exponential(max=20), stop=stop_after_attempt(4))
async def answer(query, http):
    await http.post("https://api.openai.com/v1/chat/completions", json={"q": query})
    return await httpx.post("https://hooks.example.com", json={})
