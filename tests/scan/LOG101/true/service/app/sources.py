class Web:
    verbose = False

    def find(self, query):
        try:
            return query.upper()
        except AttributeError as error:
            print(f"no query: {error}")  # FOUND
            return ""

    def search(self, query):
        if self.verbose:
            print(query)
        return query


def print_found(found):
    print(found)


def example():
    print(Web().find("x"))


SOURCES = {"web": Web()}

if __name__ == "__main__":
    example()
