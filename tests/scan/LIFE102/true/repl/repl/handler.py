class Handler:
    def answer(self, prompt):
        return prompt
