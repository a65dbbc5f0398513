import argparse

import requests


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    print(requests.get(parser.parse_args().address).text)  # FOUND


if __name__ == "__main__":
    main()
