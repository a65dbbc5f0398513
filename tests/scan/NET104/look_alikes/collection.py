import chromadb

client = chromadb.PersistentClient(path="/data/chroma")
memories = client.get_or_create_collection("memories")


def remember(text, identity, vector):
    memories.add(documents=[text], ids=[identity], embeddings=[vector])
