DATA = "/Users/maria/projects/agent/data"  # FOUND
KEY = "C:\\Users\\jo\\key.pem"  # FOUND


def answer(query):
    return open("/home/dev2/agent/prompt.txt").read()  # FOUND
