import sys

import uvicorn

from words import Downloader


def talk():
    while True:
        question = input("> ")
        if not question:
            break
        print(question)


def main():
    Downloader().download("words")
    if "--server" in sys.argv:
        uvicorn.run("app:app")
    else:
        talk()


if __name__ == "__main__":
    main()
