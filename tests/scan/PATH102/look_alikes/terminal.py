import os

from prompt_toolkit import PromptSession


def environment():
    return os.path.join(os.getcwd(), "environment")


def main():
    session = PromptSession()
    while text := session.prompt():
        print(text, environment())


if __name__ == "__main__":
    main()
