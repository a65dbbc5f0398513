DATA = "/Users/maria/projects/agent/data"  # FOUND
KEY = "C:\\Users\\jo\\key.pem"  # FOUND


def answer(query):
    return open("/home/dev2/agent/prompt.txt").read()  # FOUND


def read(name):
    folder = "/Users/petra.k/papers"  # FOUND
    if name:
        return open(f"{folder}/{name}").read()
