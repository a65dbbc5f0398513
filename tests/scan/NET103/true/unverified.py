import ssl

import httpx
import requests

session = requests.Session()
session.verify = False  # FOUND
context = ssl.create_default_context()
context.check_hostname = False  # FOUND
context.verify_mode = ssl.CERT_NONE
ssl._create_default_https_context = ssl._create_unverified_context()  # FOUND


def answer(query):
    client = httpx.Client(verify=False, timeout=5)  # FOUND
    return requests.get("https://api.internal", verify=False, timeout=5), client  # FOUND


def in_a_branch(args):
    if args.internal:
        return httpx.Client(verify=False, timeout=10)  # FOUND
    return None


def without_asking():
    context = ssl.create_default_context()
    context.check_hostname = False  # FOUND
    context.verify_mode = ssl.CERT_NONE
    other = ssl._create_unverified_context()  # FOUND
    return context, other
