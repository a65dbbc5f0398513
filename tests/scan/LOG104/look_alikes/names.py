import logging

logger = logging.getLogger(__name__)
_SECRET_ENV_VAR = "WEBHOOK_SECRET"
SECRET = "WEBHOOK_SECRET"


def words(text, known):
    for token in text.split(","):
        if token not in known:
            logger.warning("unknown word '%s'", token)
    for piece in text.split():
        token = piece.strip()
        logger.info("%s", len(token))


def progress(progress_token, page_token, token_endpoint, token_audiences, api_key_env, token_count):
    logger.info("%s of %s", progress_token, page_token)
    logger.info("asking %s for %s", token_endpoint, token_audiences)
    logger.info("%s is not set (%s)", api_key_env, token_count)
    logger.error("%s is not set, nor is %s", _SECRET_ENV_VAR, SECRET)


def shown(token, api_key, hook_token, agents):
    sanitized_token = "***" if token else ""
    logger.info("with %s", sanitized_token)
    short_key = f"{api_key[:4]}…"
    logger.info("with %s", short_key)
    masked_api_key = mask(api_key)
    logger.info("with %s, %s", masked_api_key, f"{api_key:.4}")
    if hook_token not in agents:
        logger.warning(f"a call with an invalid token: {hook_token}")


def page(candidate, form):
    question = form.get("question")
    logger.info("asks %s", question)
    logger.info("kept %s", candidate.question)
