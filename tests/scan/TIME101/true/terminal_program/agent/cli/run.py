import requests


def version():
    return requests.get("https://example.com/version").text  # FOUND
