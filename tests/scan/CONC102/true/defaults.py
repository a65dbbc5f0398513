class Agent:
    history = []

    def answer(self, query, tools={}):
        self.history.append(query)  # FOUND
        tools["last"] = query  # FOUND
        return tools


def collect(item, into=[]):
    into.append(item)  # FOUND
    return into
