import json

from langchain_core.messages import ToolMessage

LONGEST = 10_000


async def cut(session, messages, call):
    result = await session.call_tool(call.function.name, json.loads(call.function.arguments))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": str(result.content)[:LONGEST]})


async def cut_before(session, messages, call):
    result = str(await session.call_tool(call.function.name, json.loads(call.function.arguments)))
    if len(result) > LONGEST:
        result = result[:LONGEST] + "…"
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def by_a_function(tools, tool_call):
    observation = truncated(tools[tool_call["name"]].invoke(tool_call["args"]))
    return ToolMessage(content=observation, tool_call_id=tool_call["id"])


def truncated(text):
    return text if len(text) < LONGEST else text[:LONGEST]


def add(a, b):
    return a + b


def weather(city):
    return f"sunny in {city}"


TOOLS = {"add": add, "weather": weather}


def small_tools(messages, tool_call):
    run = TOOLS[tool_call.name]
    result = run(**json.loads(tool_call.arguments))
    messages.append({"role": "tool", "tool_call_id": tool_call.id, "content": str(result)})


def call_tool(tool_use):
    run = TOOLS.get(tool_use.name)
    return run(**tool_use.input)


def through_a_function(messages, tool_use):
    answer = call_tool(tool_use)
    messages.append({"role": "user", "content": [{"type": "tool_result", "content": str(answer)}]})


def refused(messages, tool_call):
    messages.append({"role": "tool", "tool_call_id": tool_call.id, "content": "not allowed"})


def shown_to_people(store, answer):
    citations = store.query(answer)
    return {"messages": [{"role": "tool", "content": json.dumps(citations)}, {"role": "assistant", "content": answer}]}
