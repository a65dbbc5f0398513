import json
from urllib.parse import urlparse


def years(text):
    first, last = 2020, 2025
    try:
        parts = text.split("-")
        first, last = int(parts[0].strip()), int(parts[1])
    except:
        pass
    return first, last


def finish_reason(chunk):
    try:
        return chunk["choices"][0].get("finish_reason")
    except Exception:
        return None


def decoded(chunk):
    data = None
    try:
        data = json.loads(chunk)
    except Exception:
        pass
    return data


def title(text):
    try:
        return json.loads(text)["title"]
    except Exception:
        return None


def prices(server, names):
    try:
        return [server.price(name) for name in names]
    except Exception:
        # if anything goes wrong, there are no prices
        return []


def valid(url):
    try:
        return all([urlparse(url).scheme, urlparse(url).netloc])
    except Exception:
        return False


def is_reachable(client):
    try:
        return client.ping()
    except Exception:
        return False


def rest(stream):
    text = ""
    while True:
        try:
            text += next(stream)
        except:
            break
    return text


def tint(image):
    try:
        image.settings.name = "sRGB"
    except Exception:
        pass


def nearest(mirrors, fetch):
    for mirror in mirrors:
        try:
            return fetch(mirror)
        except Exception:
            continue
    raise RuntimeError("no mirror answers")


def model_of(logger, models, ask):
    for model in models:
        try:
            answer = ask(model)
            break
        except Exception:
            pass
    else:
        logger.error("no model answers")
        answer = None
    return answer


def counted(meter, text):
    try:
        meter.count(text)
    except Exception:
        pass  # usage is best-effort: it must never fail a request


def shown(readline, message):
    try:
        readline.add_history(message)
    except Exception:  # not essential
        pass
