from app.plugins.loading import load


def build():
    return load("handbook")
