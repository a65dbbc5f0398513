from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI

client = AsyncOpenAI()
thinking = ChatOpenAI(model="deepseek-reasoner")


async def ask(messages):
    response = await client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
    content = response.choices[0].message.content
    if content is None:
        raise RuntimeError("the model gave no answer")
    return AIMessage(content=content)


def thought(messages, path):
    content = thinking.invoke(messages).content
    if "</think>" in content:
        content = content.split("</think>")[1].strip()
    return content, path.split("/")[1], content.split("\n")[0], content.split("```")[-1]


def fenced(messages):
    text = thinking.invoke(messages).content
    try:
        return text.split("```json")[1].split("```")[0]
    except IndexError:
        return text
