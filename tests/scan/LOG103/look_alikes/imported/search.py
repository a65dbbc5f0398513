import logging


def search(query):
    return [query]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    logging.info("%s", search("tides"))
