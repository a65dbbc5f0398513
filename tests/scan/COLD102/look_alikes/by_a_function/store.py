from langchain_community.utilities import SQLDatabase

from models import Base, engine

tables = SQLDatabase.from_uri("sqlite:///shop.db")


def create():
    Base.metadata.create_all(bind=engine)
