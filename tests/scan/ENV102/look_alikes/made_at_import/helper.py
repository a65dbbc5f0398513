import os
import threading


class Environment:
    def __init__(self):
        self.load()

    def load(self):
        self.vision_endpoint = os.getenv("VISION_ENDPOINT")


class Shared:
    only = None
    lock = threading.Lock()

    def __new__(cls):
        with cls.lock:
            if cls.only is None:
                instance = super().__new__(cls)
                instance.__load()
                cls.only = instance
        return cls.only

    def __load(self):
        self.speech_endpoint = os.getenv("SPEECH_ENDPOINT")
