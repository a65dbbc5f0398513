import os


class Manager:
    def __init__(self, folder: str = "./tmp/settings"):
        self.folder = folder
        os.makedirs(self.folder, exist_ok=True)  # FOUND


def pages():
    return build(Manager())
