import os

from pinecone import Pinecone

store = Pinecone(api_key=os.environ["PINECONE_API_KEY"])


def near(query):
    return store.Index("orders").query(query)
