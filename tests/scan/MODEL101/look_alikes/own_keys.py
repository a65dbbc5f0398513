from typing import Literal

Model = Literal["claude-v3-haiku", "claude-v3.5-sonnet"]


def title(model: Model = "claude-v3-haiku") -> str:
    return model
