import json


async def call(session, name):
    result = await session.call_tool(name, {})
    return json.loads(result.content[0].text)
