from langchain.chat_models import init_chat_model
from langgraph.graph import StateGraph

model = init_chat_model("openai:gpt-5", timeout=30)
builder = StateGraph(dict)


async def plan(state):
    return {"plan": model.invoke(state["query"])}  # FOUND


builder.add_node(plan)
graph = builder.compile()


async def answer(query):
    return graph.invoke({"query": query})  # FOUND
