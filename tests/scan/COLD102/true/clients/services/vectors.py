from langchain_pinecone import Pinecone
from pinecone import Pinecone, ServerlessSpec

store = Pinecone()  # FOUND
if "orders" not in store.list_indexes().names():  # FOUND
    store.create_index(name="orders", dimension=1536, spec=ServerlessSpec(cloud="aws", region="us-west-2"))  # FOUND


def near(query):
    return store.Index("orders").query(query)
