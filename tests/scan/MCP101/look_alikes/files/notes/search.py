import sys


def search(query):
    print("searching", file=sys.stderr)
    return query


if __name__ == "__main__":
    print(search("a"))
