import nltk
import tiktoken
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer

nltk.download("punkt")  # FOUND
encoding = tiktoken.get_encoding("cl100k_base")  # FOUND
NAME = "BAAI/bge-small-en"


class Index:
    def __init__(self):
        self.model = SentenceTransformer(NAME)  # FOUND
        self.tokenizer = AutoTokenizer.from_pretrained("gpt2")  # FOUND


def count(text, model):
    return len(tiktoken.encoding_for_model(model).encode(text))  # FOUND


def embedding(name):
    from fastembed import TextEmbedding

    return TextEmbedding(name)  # FOUND
