import time

import requests


def server(client, name):
    try:
        return client.get_server(name)
    except Exception:
        pass
    try:
        return client.find_server(by_name=name)
    except Exception:
        pass
    raise LookupError(name)


def token(client, path):
    found = None
    try:
        found = client.read_token(path)
    except Exception:
        pass
    if not found:
        raise RuntimeError("no token: log in first")
    return found


def place(page):
    try:
        return page.client.box_of(page.node)
    except Exception:
        pass
    return page.client.frame_of(page.node)


def frame(client, name):
    try:
        return client.get_frame(name)
    except Exception:
        # frames of other origins have no owner
        return None


def wait_until_ready(address):
    while True:
        try:
            if requests.get(address, timeout=2).ok:
                return True
        except requests.RequestException:
            pass
        time.sleep(1)


def noticed(client, event):
    # fire-and-forget: the next one comes in a second
    try:
        client.post_event(event)
    except Exception:
        pass


def user_exists(client, name):
    try:
        return client.fetch_user(name) is not None
    except Exception:
        return False


def not_found(client, key):
    try:
        return client.load(key)
    except KeyError:
        return None


def collection(client, name, logger):
    try:
        client.create_collection(name)
    except Exception as error:
        if "already exists" not in str(error):
            logger.warning("no collection %s: %s", name, error)


def pod(client, name, errors):
    try:
        client.delete_pod(name)
    except client.ApiError as error:
        if error.status != 404:
            errors.append(error)


def box(client, node):
    found = None
    try:
        found = client.quads(node)
    except Exception:
        pass
    if not found:
        try:
            found = client.model(node)
        except Exception:
            pass
    if not found:
        found = client.bounding(node)
    return found
