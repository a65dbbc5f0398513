from pydantic_ai import Agent

MODEL = "anthropic:claude-sonnet-4-5"

writer = Agent("openai:gpt-5", system_prompt="Answer.")  # FOUND
reader = Agent[None, str](model=MODEL)  # FOUND
