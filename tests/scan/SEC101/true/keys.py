OPENAI = "sk-" + "proj"
GROQ = "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"  # FOUND
TAVILY = "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"  # FOUND


def answer(query):
    return {"key": "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"}  # FOUND
