import os


class environ(dict):
    pass


def answer(query, name, settings):
    here = os.environ["DECLARED"], os.getenv("HOME"), os.environ.get("PATH", "")
    of_another = environ()["API_KEY"], settings["API_KEY"], settings.get("API_KEY")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    return here, of_another, os.environ[name], os.getenv(f"{name}_KEY")
