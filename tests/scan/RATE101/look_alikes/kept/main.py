from app.games import TEAM


def answer(question):
    return f"{TEAM}: {question}"
