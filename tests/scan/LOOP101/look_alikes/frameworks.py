from agents import Agent as Other
from agno.agent import Agent
from agno.tools.duckduckgo import DuckDuckGoTools

writer = Agent(name="writer", instructions="Write.")
researcher = Agent(name="researcher", tools=[DuckDuckGoTools()], tool_call_limit=10)
other = Other(name="other", tools=[])


def any_other(**options):
    return Agent(tools=[DuckDuckGoTools()], **options)
