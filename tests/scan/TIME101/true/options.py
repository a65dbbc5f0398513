import litellm


class Model:
    def __init__(self, options):
        self.options = options

    def answer(self, messages, **options):
        return litellm.completion(model="gpt-5", messages=messages, **(self.options | options))  # FOUND
