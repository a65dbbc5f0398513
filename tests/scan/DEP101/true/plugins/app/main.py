from app.loading import load

try:
    from app.searching import search
except ImportError:
    search = None


def answer(query):
    return search(query) if search else load(query)
