import logging

log = logging.getLogger("tides.search")
if not log.handlers:
    log.addHandler(logging.StreamHandler())
log.setLevel(logging.INFO)  # FOUND


def search(query):
    log.info("searches %s", query)
    return [query]
