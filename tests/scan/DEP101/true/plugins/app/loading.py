import docling  # FOUND

from app.searching import search


def load(name):
    return docling.read(search(name))
