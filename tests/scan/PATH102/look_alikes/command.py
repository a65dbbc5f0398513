import argparse
import os


def main():
    argparse.ArgumentParser().parse_args()
    print(os.getcwd())


if __name__ == "__main__":
    main()
