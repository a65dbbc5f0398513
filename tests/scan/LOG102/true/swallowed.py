def answer(client, query, items):
    try:
        return client.ask(query)
    except Exception:  # FOUND
        return None


def all_of(client, items):
    for item in items:
        try:
            client.ask(item)
        except:  # FOUND
            continue


def parsed(text, client):
    try:
        return client.parse(text)
    except Exception:  # FOUND
        pass
    return {}
