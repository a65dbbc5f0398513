import typer


def install(*_args):
    print("installing")


def main(functions: bool = typer.Option(False, callback=install)):
    return functions


if __name__ == "__main__":
    typer.run(main)
