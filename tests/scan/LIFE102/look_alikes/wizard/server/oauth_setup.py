def asked(question):
    print(f"{question}: ", end="")
    return input()


def run_oauth_setup():
    return asked("client id"), asked("client secret")
