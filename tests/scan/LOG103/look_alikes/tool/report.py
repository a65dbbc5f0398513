import argparse
import logging

logging.basicConfig(level=logging.ERROR)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("day")
    print(parser.parse_args().day)


if __name__ == "__main__":
    main()
