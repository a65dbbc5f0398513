import logging

try:
    import orjson as json
except Exception:
    json = None

logger = logging.getLogger(__name__)


def answer(client, query):
    try:
        return client.ask(query)
    except Exception:
        logger.exception("the model did not answer")
        return None


def told(client, query):
    try:
        return client.ask(query)
    except Exception as error:
        return {"error": str(error)}


def narrow(table, key):
    try:
        return table[key]
    except KeyError:
        return None


def ended(client, process):
    try:
        client.close()
    except Exception:
        pass
    try:
        process.kill()
    except Exception:
        pass


def raised(client, query):
    try:
        return client.ask(query)
    except Exception:
        raise RuntimeError("no answer") from None
