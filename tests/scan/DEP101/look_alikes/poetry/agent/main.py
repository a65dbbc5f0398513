import redis
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

import agent.other
