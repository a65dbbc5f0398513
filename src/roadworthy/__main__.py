"""`python -m roadworthy`: the same as the `roadworthy` command."""

from roadworthy.cli.main import main

if __name__ == "__main__":
    main()
