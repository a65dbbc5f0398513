print("loading the index")  # FOUND


def search(query):
    return ranked([query])


def ranked(found):
    print(f"{len(found)} found")  # FOUND
    return found


def main():
    print("a try")


if __name__ == "__main__":
    print(search("a"))
