import sentence_transformers

MODELS = sentence_transformers
