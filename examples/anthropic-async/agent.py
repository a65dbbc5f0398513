"""Answers a question about an order, piece by piece as the model writes it."""

import json

import anthropic
from failure import Failure

MODEL = "claude-sonnet-4-5-20250929"
MODEL_TIMEOUT = 4.0  # seconds without a byte of the model's
ATTEMPTS = 3  # for one call of the model, made by the SDK; it waits as long as a 429 asks for
MOST_STEPS = 8  # calls of the model for one question
MOST_TOKENS = 1024
PROMPT = "You answer questions about orders, in two sentences at most. Look an order up before you speak of it."

ORDERS = {"1007": "left the warehouse on Monday", "1008": "waits for its payment"}
TOOLS = [
    {
        "name": "order_status",
        "description": "Looks up where an order is.",
        "input_schema": {
            "type": "object",
            "properties": {"order_id": {"type": "string", "description": "four digits, such as 1007"}},
            "required": ["order_id"],
        },
    }
]


class Agent:
    """Holds connections alone: all that belongs to a request lives in answer()."""

    def __init__(self, api_key: str):
        self._model = anthropic.AsyncAnthropic(
            api_key=api_key, timeout=MODEL_TIMEOUT, max_retries=ATTEMPTS - 1
        ).messages

    async def answer(self, question: str):
        """Yields the answer's text in pieces. Raises Failure."""
        messages = [{"role": "user", "content": question}]
        for _ in range(MOST_STEPS):
            said_anything = False
            try:
                async with self._model.stream(
                    model=MODEL, max_tokens=MOST_TOKENS, system=PROMPT, messages=messages, tools=TOOLS
                ) as stream:
                    async for piece in stream.text_stream:
                        said_anything = said_anything or bool(piece.strip())
                        yield piece
                    message = await stream.get_final_message()
            except anthropic.APIError as error:
                raise failure_of(error) from error
            if message.stop_reason == "max_tokens":
                raise Failure(502, "the model's answer was cut off: it is too long")
            if message.stop_reason == "refusal":
                raise Failure(422, "the model refused to answer")
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                if not said_anything:
                    raise Failure(502, "the model's answer is empty")
                return
            messages.append({"role": "assistant", "content": message.content})
            messages.append({"role": "user", "content": [result_of(call) for call in calls]})
        raise Failure(502, f"the model gave no answer in {MOST_STEPS} steps")


def result_of(call) -> dict:
    """What a tool says, or why it cannot: the model can mend its call."""
    arguments = call.input if isinstance(call.input, dict) else {}
    order_id, is_error = arguments.get("order_id"), False
    if call.name != "order_status":
        content, is_error = f"there is no tool {call.name!r}", True
    elif not isinstance(order_id, str):
        content, is_error = "order_status needs an order_id, a text", True
    else:
        content = json.dumps({"order_id": order_id, "status": ORDERS.get(order_id, "unknown")})
    return {"type": "tool_result", "tool_use_id": call.id, "content": content, "is_error": is_error}


def failure_of(error: anthropic.APIError) -> Failure:
    """What our caller is told when the provider failed us."""
    match error:
        case anthropic.APITimeoutError():
            return Failure(504, f"the model did not answer within {MODEL_TIMEOUT:g} s")
        case anthropic.APIConnectionError():
            return Failure(503, "the model provider cannot be reached", retry_after=1)
        case anthropic.RateLimitError():
            return Failure(429, "the model provider's rate limit or quota is reached", retry_after=5)
        case anthropic.AuthenticationError() | anthropic.PermissionDeniedError():
            return Failure(502, "the model provider refused our key: check ANTHROPIC_API_KEY")
        case anthropic.APIStatusError() if error.status_code >= 500:
            return Failure(503, f"the model provider is unavailable ({error.status_code})", retry_after=1)
        case anthropic.APIStatusError():
            return Failure(502, f"the model provider refused our request with {error.status_code}")
        case _:
            return Failure(502, f"the model provider failed in the middle of its answer: {type(error).__name__}")
