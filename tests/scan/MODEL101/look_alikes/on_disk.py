import ollama

MODEL = "mistral-nemo"


def answer(query):
    return ollama.chat(model=MODEL, messages=[{"role": "user", "content": query}])
