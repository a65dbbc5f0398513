import logging


def into(pipe):
    for name in ("own.agent", "own.tools"):
        logger = logging.getLogger(name)
        logger.addHandler(pipe)
        logger.setLevel(logging.DEBUG)
