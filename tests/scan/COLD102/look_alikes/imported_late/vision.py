import spacy

words = spacy.load("en_core_web_sm")


def look(picture):
    return words(picture)
