def cached(session, url):
    page = None
    try:
        page = session.get(url)
    except Exception:  # FOUND
        pass
    return page


def saved(table, row):
    try:
        table.put(row)
    except Exception:  # FOUND
        return False
    return True


def nearest(mirrors, fetch):
    for mirror in mirrors:
        try:
            return fetch(mirror)
        except Exception:  # FOUND
            continue
    return None


def ages(people, server):
    for person in people:
        try:
            person.age = int(server.ask(person))
        except Exception:  # FOUND
            pass


def prices(server, names):
    try:
        return [server.price(name) for name in names]
    except Exception:  # FOUND
        return []
