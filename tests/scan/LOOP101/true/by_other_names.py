import anthropic
import litellm
from openai import OpenAI

client = anthropic.AsyncAnthropic()
completion = OpenAI().chat.completions.create
if client.timeout is None:
    completion = litellm.completion


async def ask_claude(messages):
    async with client.messages.stream(max_tokens=1024, model="claude-sonnet-4-5-20250929", messages=messages) as stream:
        return await stream.get_final_message()


async def until_it_stops(messages, run_tool):
    response = await ask_claude(messages)
    while response.stop_reason == "tool_use":  # FOUND
        messages.append(await run_tool(response))
        response = await ask_claude(messages)
    return response


async def until_it_is_finished(messages, run_tool):
    response = await ask_claude(messages)
    while response.choices[0].finish_reason != "stop":  # FOUND
        messages.append(await run_tool(response))
        response = await ask_claude(messages)
    return response


def raw(messages, run_tool, is_bedrock):
    while True:  # FOUND
        if is_bedrock:
            chosen = anthropic.AnthropicBedrock()
        else:
            chosen = anthropic.Anthropic()
        answer = chosen.beta.messages.with_raw_response.create(messages=messages).parse()
        calls = [block for block in answer.content if block.type == "tool_use"]
        if not calls:
            return messages
        messages += [run_tool(call) for call in calls]


class Handler:
    def answer(self, messages, run_tool):  # FOUND
        for chunk in completion(model="gpt-4.1", messages=messages, stream=True):
            if chunk.choices[0].finish_reason == "tool_calls":
                run_tool(messages, chunk)
                yield from self.answer(messages, run_tool)
                return
            yield chunk


def with_langchain(llm, state, run_tool):
    while True:  # FOUND
        message = llm.invoke(state)
        if not message.tool_calls:
            return message
        state += [message, *map(run_tool, message.tool_calls)]
