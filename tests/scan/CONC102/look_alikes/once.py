import argparse


def collect(item, into=[]):
    into.append(item)
    return into


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("item")
    print(collect(parser.parse_args().item))
