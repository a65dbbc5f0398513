from langchain_chroma import Chroma
from langchain_community.utilities import SQLDatabase
from langchain_huggingface import HuggingFaceEmbeddings

from models import Base, engine

embeddings = HuggingFaceEmbeddings(model_name="/models/bge")  # FOUND
tables = SQLDatabase.from_uri("postgresql://db.internal/shop")  # FOUND
Base.metadata.create_all(bind=engine)  # FOUND


def filled(documents):
    return Chroma.from_documents(documents, embeddings)


store = filled([])  # FOUND
