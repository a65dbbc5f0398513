import argparse
import subprocess


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    subprocess.run(["git", "clone", parser.parse_args().folder])


if __name__ == "__main__":
    main()
