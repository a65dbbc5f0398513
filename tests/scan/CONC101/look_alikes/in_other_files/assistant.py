class Assistant:
    def __init__(self, client):
        self.client = client
        self.history = []
        self.tone = "plain"

    def chat(self, text):
        self._keep(text)
        return self.client.ask(self.history)

    def reset(self):
        self.history = []

    def _keep(self, text):
        self.history.append(text)
