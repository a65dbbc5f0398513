import chromadb

client = chromadb.PersistentClient(path="/data/chroma")
memories = client.get_or_create_collection("memories")  # FOUND


def remember(text, identity):
    memories.add(documents=[text], ids=[identity])


def recalled(query):
    return memories.query(query_texts=[query], n_results=3)
