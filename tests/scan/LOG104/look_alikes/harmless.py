import logging

logger = logging.getLogger(__name__)


def answer(query, settings, messages, usage, error, math):
    logger.info("key is set: %s", bool(settings.api_key))
    logger.info("%d tokens of %d", usage.total_tokens, settings.max_tokens)
    logger.info("…%s", settings.api_key[-4:])
    logger.info("%d messages", len(messages))
    logger.info("secret %s is missing", settings.secret_name)
    logger.error("the token was refused: %s", error)
    return math.log(settings.token)


def clip(total_token_num, token_to_clip, post_clip_token_cnt, token_budget_left):
    logger.info("%d of %d", total_token_num, token_to_clip)
    logger.info("now %d, left %d", post_clip_token_cnt, token_budget_left)


def measured(messages, password):
    logger.info("%d characters, %s", len(str(messages)), hash(password))


def note(message: str):
    logger.info("note: %s", message)
