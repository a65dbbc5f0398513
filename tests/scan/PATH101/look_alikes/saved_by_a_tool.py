import sys


def save(text):
    with open("transcript.md", "w") as file:
        file.write(text)


def main():
    save(sys.argv[1])


if __name__ == "__main__":
    main()
