from clients import get_client


class Provider:
    def __init__(self):
        self.client = get_client()

    def ask(self, query):
        return self.complete(query)

    def complete(self, query):
        raise NotImplementedError


class Chat(Provider):
    def complete(self, query):
        return self.client.chat.completions.create(model="gpt-4.1", messages=[{"role": "user", "content": query}])  # FOUND


class Echo(Provider):
    def complete(self, query):
        return query


def get_provider(query):
    if query:
        return Chat()
    return Echo()
