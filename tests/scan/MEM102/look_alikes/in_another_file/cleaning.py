import app
from app import counts


def clean(query):
    counts.clear()
    del app.latest[query]
