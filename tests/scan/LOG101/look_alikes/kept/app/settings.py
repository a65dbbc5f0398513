MODEL = "gpt-5.4-2026-03-05"


def validate():
    print(f"asks {MODEL}")


class Engine:
    def summary(self):
        print("nothing was asked yet")
