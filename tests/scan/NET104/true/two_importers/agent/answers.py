from litellm import completion  # FOUND


def answer(query):
    return completion(model="gpt-5", messages=[query], timeout=30)
