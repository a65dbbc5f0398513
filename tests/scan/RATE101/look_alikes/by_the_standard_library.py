import urllib.request


def page(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()
