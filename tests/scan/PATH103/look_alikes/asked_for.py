from pathlib import Path


def main():
    sample = "/Users/petra.k/papers/3.pdf"
    if Path(sample).exists():
        print(sample)
