import logging

from fastapi import FastAPI, Request

logger = logging.getLogger(__name__)
app = FastAPI()


def called(tool, tool_args):
    logger.info("%s is asked for %s", tool.name, sorted(tool_args))
    return tool.invoke(tool_args)


@app.post("/agent")
async def answer(request: Request, llm, prompt, settings, config, use_prompt, state, client):
    logger.info("from %s", request.headers.get("user-agent"))
    payload = await request.json()
    logger.info("received %d entries of %s", len(payload), payload["kind"])
    logger.debug("asking %s", prompt)
    logger.info("asking %.200s", prompt[:200])
    logger.info(f"asking {prompt:.80}")
    logger.info("prompt: %s", use_prompt)
    logger.info("settings: %s", settings.model_dump(exclude={"api_key"}))
    logger.info("config: %s", config)
    response = await llm.ainvoke(payload["text"])
    logger.info("used %s", response.usage_metadata)
    page = await client.get("https://example.org")
    logger.info("answered %s", page)
    logger.info("%d messages", len(state["messages"]))
    result = await llm.ainvoke(payload["text"])
    if result.error:
        logger.error("no answer: %s", result)
    return settings.api_key
