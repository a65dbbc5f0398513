"""Answers a customer's question with a model and two tools."""

import asyncio
import logging
import math
import random

import openai

from answers import NotAnAnswer, answer_in
from failure import Failure
from settings import MODEL, MODEL_TIMEOUT, Settings
from tools import DESCRIPTIONS, Tools

ATTEMPTS = 3  # for one call of the model
MOST_STEPS = 10  # calls of the model for one question
LEAST_TIME = 1.0  # seconds that must be left for another attempt

log = logging.getLogger("agent")


class Agent:
    """Holds connections alone: all that belongs to a request lives in answer()."""

    def __init__(self, settings: Settings):
        self._prompt = settings.prompt
        self._tools = Tools(settings)
        # The SDK's retries know of no deadline: ours do, see ask().
        self._model = openai.AsyncOpenAI(
            api_key=settings.openai_api_key,
            timeout=MODEL_TIMEOUT,
            max_retries=0,  # roadworthy: ignore[RATE101] ask() tries again, within the deadline
        ).chat.completions

    async def answer(self, question: str, deadline: float) -> str:
        """The answer's text, by `deadline` on the event loop's clock. Raises Failure."""
        messages = [{"role": "system", "content": self._prompt}, {"role": "user", "content": question}]
        for _ in range(MOST_STEPS):
            choice = await self.ask(messages, deadline)
            said = choice.message
            if not said.tool_calls:
                return final_text(choice)
            messages.append(said.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True))
            calls = [(call.id, call.function) for call in said.tool_calls]
            results = await asyncio.gather(*(self._tools.run(f.name, f.arguments) for _, f in calls))
            messages += [
                {"role": "tool", "tool_call_id": call_id, "content": result}
                for (call_id, _), result in zip(calls, results, strict=True)
            ]
        raise Failure(502, f"the model gave no answer in {MOST_STEPS} steps")

    async def ask(self, messages: list, deadline: float):
        """One call of the model, tried again as long as that can help and there is time for it."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with asyncio.timeout(MODEL_TIMEOUT):
                    completion = await self._model.create(model=MODEL, messages=messages, tools=DESCRIPTIONS)
                    return completion.choices[0]
            except (TimeoutError, openai.APITimeoutError) as error:
                raise Failure(504, f"the model did not answer within {MODEL_TIMEOUT:g} s") from error
            except openai.APIError as error:
                wait = seconds_to_wait(error, attempt)
                time_left = deadline - asyncio.get_running_loop().time()
                if attempt == ATTEMPTS or wait is None or wait + LEAST_TIME > time_left:
                    raise failure_of(error, wait) from error
                log.warning("%s: the model is asked again in %.1f s", type(error).__name__, wait)
            await asyncio.sleep(wait)


def final_text(choice) -> str:
    if choice.message.refusal:
        raise Failure(422, f"the model refused to answer: {choice.message.refusal}")
    if choice.finish_reason == "length":
        raise Failure(502, "the model's answer was cut off: it is too long")
    try:
        return answer_in(choice.message.content or "")
    except NotAnAnswer as error:
        raise Failure(502, str(error)) from error


def seconds_to_wait(error: openai.APIError, attempt: int) -> float | None:
    """Before the next attempt: as the provider says, else a little more each time. None: don't try."""
    if error.code == "insufficient_quota":
        return None
    if isinstance(error, openai.APIConnectionError | openai.RateLimitError | openai.InternalServerError):
        response = getattr(error, "response", None)
        told = response.headers.get("retry-after", "") if response is not None else ""
        backoff = 0.5 * 2 ** (attempt - 1)
        return (float(told) if told.isdecimal() else backoff) + random.uniform(0, 0.2)
    return None


def failure_of(error: openai.APIError, wait: float | None) -> Failure:
    """What our caller is told when the provider failed us."""
    match error:
        case openai.RateLimitError(code="insufficient_quota"):
            return Failure(503, "our quota at the model provider is used up", retry_after=60)
        case openai.RateLimitError():
            return Failure(429, "the model provider's rate limit is reached", math.ceil(wait or 1))
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return Failure(502, "the model provider refused our key: check OPENAI_API_KEY")
        case openai.InternalServerError():
            return Failure(503, f"the model provider failed with {error.status_code}", math.ceil(wait or 1))
        case openai.APIStatusError():
            return Failure(502, f"the model provider refused our request with {error.status_code}")
        case _:
            return Failure(503, "the model provider cannot be reached", retry_after=1)
