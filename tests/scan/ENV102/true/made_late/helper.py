import os


class Environment:
    def __init__(self):
        self.load()

    def load(self):
        self.vision_endpoint = os.getenv("VISION_ENDPOINT")  # FOUND
