answers = {}


def forget(query):
    answers.pop(query)
