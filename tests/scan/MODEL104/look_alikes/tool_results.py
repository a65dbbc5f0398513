async def call(session, name):
    result = await session.call_tool(name, {})
    return result.content[0].text
