import argparse
import sys


def answer(query: str):
    print("no answer", file=sys.stderr)
    return query


def main():
    argparse.ArgumentParser().parse_args()
    print("the answer is 42")


def helper():
    print("nothing here calls this")


print("loaded")
if __name__ == "__main__":
    main()
