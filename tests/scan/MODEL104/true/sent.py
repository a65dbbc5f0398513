from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI

client = AsyncOpenAI()
thinking = ChatOpenAI(model="deepseek-reasoner")


class Thinking:
    async def ask(self, messages):
        response = await client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
        content = response.choices[0].message.content
        return AIMessage(content=content, reasoning="")  # FOUND

    async def send(self, bot, chat, messages):
        response = await client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
        await bot.send_message(chat, response.choices[0].message.content)  # FOUND


def thought(messages):
    answer = thinking.invoke(messages)
    content = answer.content
    return content.split("</think>")[1].strip()  # FOUND
