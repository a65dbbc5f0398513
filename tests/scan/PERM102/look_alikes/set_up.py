import os

from dotenv import set_key

ENV_FILE = os.path.join(os.path.dirname(__file__), ".env")


def keep(corpus):
    set_key(ENV_FILE, "CORPUS", corpus)


if __name__ == "__main__":
    keep(make_corpus())
