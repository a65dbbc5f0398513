class Agent:
    last = [None]
    names = []

    def answer(self, query, seen=[None], said=list()):
        self.last[0] = query  # FOUND
        seen[0] = query  # FOUND
        said[:] = [query]  # FOUND
        said.pop()
        return self.names


def totals(counts, into={}):
    for name, count in counts:
        into[name] = count  # FOUND
    return into


def joined(query, parts=[]):
    parts += [query]  # FOUND

    def last():
        return parts[-1]

    return last()
