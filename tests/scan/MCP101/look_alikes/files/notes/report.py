from notes.search import search


class Report:
    def open_page(self):
        print("report")
        return search("all")


def main():
    print(Report().open_page())
