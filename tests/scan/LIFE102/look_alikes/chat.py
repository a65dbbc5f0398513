def answer(query):
    return query


def main():
    while True:
        query = input("> ")
        if not query:
            break
        print(answer(query))


if __name__ == "__main__":
    main()
