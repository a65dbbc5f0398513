import os


class Environment:
    def __init__(self):
        self.load()

    def load(self):
        self.vision_endpoint = os.getenv("VISION_ENDPOINT")


class Shared:
    only = None

    def __new__(cls):
        if cls.only is None:
            cls.only = super().__new__(cls)
            cls.only.__load()
        return cls.only

    def __load(self):
        self.speech_endpoint = os.getenv("SPEECH_ENDPOINT")
