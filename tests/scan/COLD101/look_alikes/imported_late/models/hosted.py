def complete(query):
    return query
