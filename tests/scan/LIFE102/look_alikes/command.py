from agents import function_tool


@function_tool
def ask(input: str, form):
    return form.input(input)


def main():
    while True:
        print(input("> "))


if __name__ == "__main__":
    main()
