import os

import google.generativeai as genai
from langgraph.graph import StateGraph


async def write(state):
    key = os.getenv("GOOGLE_API_KEY")  # FOUND
    if not key:
        raise ValueError("GOOGLE_API_KEY is missing")
    genai.configure(api_key=key)
    return {"text": (await genai.GenerativeModel("gemini-2.5-flash").generate_content_async(state["topic"])).text}


graph = StateGraph(dict)
graph.add_node("write", write)
