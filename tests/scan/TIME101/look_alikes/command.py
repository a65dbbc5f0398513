import argparse
import subprocess

from openai import OpenAI


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    folder = parser.parse_args().folder
    subprocess.run(["git", "clone", folder])
    print(OpenAI().responses.create(model="gpt-5", input=folder))


if __name__ == "__main__":
    main()
