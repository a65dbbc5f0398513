import requests


def fetch(address, **options):
    return requests.get(address, **options)
