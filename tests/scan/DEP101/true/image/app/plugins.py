def write(text):
    from .papers import write as drawn

    return drawn(text)
