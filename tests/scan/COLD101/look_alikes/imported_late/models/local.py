from transformers import AutoModel


def complete(query):
    return AutoModel, query
