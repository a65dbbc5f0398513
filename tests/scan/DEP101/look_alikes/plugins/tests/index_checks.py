from app.plugins.index import build


def test_build():
    build()
