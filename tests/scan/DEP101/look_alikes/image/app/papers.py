import reportlab


def write(text):
    return reportlab.draw(text)
