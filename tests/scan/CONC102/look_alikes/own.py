from dataclasses import dataclass, field


class Agent:
    history = []
    TOOLS = ["search"]

    def __init__(self):
        self.history = []

    def answer(self, query, tools={}):
        self.history.append(query)
        return tools.get(query), self.TOOLS


@dataclass
class Conversation:
    messages: list = field(default_factory=list)

    def say(self, text):
        self.messages.append(text)


def collect(item, into=[]):
    into = list(into)
    into.append(item)
    return into
