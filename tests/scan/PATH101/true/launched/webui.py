import argparse

from pages import pages


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ip", default="127.0.0.1")
    pages().queue().launch(server_name=parser.parse_args().ip)


if __name__ == "__main__":
    main()
