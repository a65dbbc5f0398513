import spacy

words = spacy.load("en_core_web_sm")  # FOUND


def look(picture):
    return words(picture)
