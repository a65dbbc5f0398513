import whoosh  # FOUND


def search(name):
    return whoosh.find(name)
