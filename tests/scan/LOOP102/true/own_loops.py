import json

import httpx
from langchain_core.messages import ToolMessage
from openai import OpenAI

client = OpenAI()


async def with_a_server(session, messages, calls):
    for call in calls:
        result = await session.call_tool(call.function.name, json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": str(result.content)})  # FOUND


def by_name(functions, messages, tool_call):
    run = functions.get(tool_call.name)
    try:
        answer = run(**json.loads(tool_call.arguments))
    except Exception as error:
        answer = f"failed: {error}"
    if not isinstance(answer, str):
        answer = json.dumps(answer)
    messages.append(
        {  # FOUND
            "type": "function_call_output",
            "call_id": tool_call.call_id,
            "output": answer,
        }
    )


def as_messages(tools, state):
    outputs = []
    for tool_call in state.messages[-1].tool_calls:
        observation = tools[tool_call["name"]].invoke(tool_call["args"])
        outputs.append(ToolMessage(content=observation, tool_call_id=tool_call["id"]))  # FOUND
    return {"messages": outputs}


def search_web(query):
    return httpx.get("https://search.example", params={"q": query}, timeout=5).text


def weather(city):
    return f"sunny in {city}"


def of_this_file(messages, tool_call):
    if tool_call.name == "search_web":
        out = search_web(tool_call.arguments)
    else:
        out = weather(tool_call.arguments)
    messages.append({"role": "function", "name": tool_call.name, "content": out})  # FOUND


async def in_blocks(collection, response):
    tool_results = []
    for block in response.content:
        if block.type == "tool_use":
            result = await collection.tools.run(name=block.name, tool_input=block.input)
            tool_results.append(make_tool_result(result, block.id))  # FOUND
    return tool_results


def make_tool_result(result, identity):
    return {"type": "tool_result", "tool_use_id": identity, "content": result.output}
