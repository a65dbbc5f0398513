from litellm import completion


def answer(query):
    return completion(model="gpt-5", messages=[query], timeout=30)
