import reportlab  # FOUND


def write(text):
    return reportlab.draw(text)
