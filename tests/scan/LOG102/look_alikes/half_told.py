import asyncio
import errno
import logging
import os
import traceback
from concurrent.futures import ThreadPoolExecutor, wait

logger = logging.getLogger(__name__)


def tokens(text, encoder):
    try:
        count = int(text)
    except Exception:
        count = len(text) / 4
    return count


def mails(found, parse):
    for mail in found:
        try:
            yield parse(mail)
        except Exception as error:
            logger.error(f"failed on {mail}: {error}")


def named(found, parse):
    for name in found:
        try:
            parse(name)
        except Exception:
            logger.error("left out: %s is not to be read", name)


def lines_of(found, parse):
    try:
        return parse(found)
    except Exception:
        logger.error("failed: %s", traceback.format_exc())
        return None


def described(service, name):
    """Best-effort look at what else is known."""
    try:
        return service.look(name)
    except Exception:
        logger.warning("nothing known")
        return None


def folder(path):
    try:
        os.mkdir(path)
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise


def all_of(experts, ask):
    with ThreadPoolExecutor() as pool:
        work = [pool.submit(ask, each) for each in experts]
        wait(work)
        return [each.result() for each in work]


def later(text, client):
    def work():
        try:
            client.responses.create(input=text)
        except Exception:
            logger.exception("no answer")

    with ThreadPoolExecutor() as pool:
        pool.submit(work)


async def shutdown(tasks):
    await asyncio.gather(*tasks, return_exceptions=True)


async def first(tasks):
    done, _ = await asyncio.wait(tasks)
    return [each.result() for each in done]


async def typing(channel):
    try:
        await channel.trigger_typing()
    except Exception:
        pass


def token():
    try:
        return os.getenv("TOKEN")
    except Exception:
        return None


def browser_version(run):
    try:
        return run(["chrome", "--version"])
    except Exception:
        return ""
