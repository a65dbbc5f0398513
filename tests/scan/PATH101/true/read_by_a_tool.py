import sys


def prompt():
    with open("prompts/system.md") as file:  # FOUND
        return file.read()


if __name__ == "__main__":
    print(prompt(), sys.argv)
