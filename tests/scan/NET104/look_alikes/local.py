import os

import tiktoken
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer


class Index:
    def __init__(self, folder):
        self.model = SentenceTransformer("/models/bge-small-en")
        self.other = SentenceTransformer(os.environ["MODEL_FOLDER"])
        self.tokenizer = AutoTokenizer.from_pretrained("gpt2", local_files_only=True)
        self.third = AutoTokenizer.from_pretrained(folder)
        self.encoding = tiktoken.Encoding("mine", pat_str="", mergeable_ranks={}, special_tokens={})
