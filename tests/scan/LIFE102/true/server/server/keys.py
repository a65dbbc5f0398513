def key():
    return input("key: ")  # FOUND
