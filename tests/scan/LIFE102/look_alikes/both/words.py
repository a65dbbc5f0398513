import optparse


class Downloader:
    def download(self, name=None):
        if name is None:
            name = input("Which words? ")
        return name


if __name__ == "__main__":
    optparse.OptionParser().parse_args()
    Downloader().download()
