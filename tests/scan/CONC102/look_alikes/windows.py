from concurrent.futures import ThreadPoolExecutor


def stream(query, window=[]):
    for chunk in query.split():
        if len(window) >= 1:
            window[0] = chunk


def together(queries, seen={}):
    def ask(query, seen):
        seen[query] = True
        return query

    with ThreadPoolExecutor() as pool:
        return [pool.submit(ask, query, {}) for query in queries], seen


class Files:
    warned = set()
    places = [None, None]

    def warn(self, name):
        if name not in self.warned:
            self.warned.add(name)
        return self.places[0]
