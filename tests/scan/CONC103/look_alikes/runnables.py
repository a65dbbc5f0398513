import asyncio

from langgraph.graph import StateGraph

builder = StateGraph(dict)


def plan(state):
    return {"plan": state["model"].invoke(state["query"])}


builder.add_node(plan)
graph = builder.compile()


class Remote:
    async def invoke(self, query):
        yield await graph.ainvoke({"query": query})


async def answer(query, remote, bus):
    async for part in remote.invoke(query):
        await bus.invoke(part)
    return await asyncio.to_thread(graph.invoke, {"query": query})
