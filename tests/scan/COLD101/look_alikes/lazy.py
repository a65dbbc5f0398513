from typing import TYPE_CHECKING

import torchless

if TYPE_CHECKING:
    import torch

try:
    import spacy
except ImportError:
    spacy = None


def embed(text):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer("/models/x").encode(text), torchless, spacy
