import anthropic

client = anthropic.AsyncAnthropic()
MAX_STEPS = 20


async def ask_claude(messages):
    return await client.messages.create(max_tokens=1024, model="claude-sonnet-4-5-20250929", messages=messages)


async def counted(messages, run_tool):
    response, steps = await ask_claude(messages), 0
    while response.stop_reason == "tool_use" and steps < MAX_STEPS:
        messages.append(await run_tool(response))
        response = await ask_claude(messages)
        steps += 1
    return response


class Handler:
    async def answer(self, messages, run_tool, depth=0, max_depth=10):
        response = await ask_claude(messages)
        if response.stop_reason == "tool_use" and depth < max_depth:
            messages.append(await run_tool(response))
            return await self.answer(messages, run_tool, depth + 1)
        return response

    def as_text(self, block):
        """Runs itself again for what is inside, and asks nobody."""
        if block.type == "tool_use":
            return "".join(self.as_text(each) for each in block.content)
        return block.text


def read_all(stream):
    while True:
        event = stream.next_event()
        if event.finish_reason:
            return event.tool_calls
