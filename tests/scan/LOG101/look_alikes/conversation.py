import asyncio

from pydantic_ai import Agent

agent = Agent("openai:gpt-5-2025-08-07")


@agent.tool_plain
def lookup(query: str) -> str:
    print(f"looking for {query}")
    return query


async def main():
    while (question := input("you: ")) != "exit":
        print((await agent.run(question)).output)


if __name__ == "__main__":
    asyncio.run(main())
