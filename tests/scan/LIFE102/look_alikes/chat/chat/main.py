from chat.asking import ask
from chat.options import options


def main():
    if options().ask:
        print(ask("Your question: "))
