class Agent:
    def __init__(self, client):
        self.client = client

    def answer(self, messages):
        for _ in range(5):  # FOUND
            try:
                return self.client.chat.completions.create(model="gpt-5", messages=messages)
            except Exception as error:
                last = error
        raise last
