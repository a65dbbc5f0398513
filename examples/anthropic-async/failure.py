"""A question that cannot be answered, and what the caller is told of it."""


class Failure(Exception):
    """`status` is HTTP's; `retry_after` is in seconds."""

    def __init__(self, status: int, message: str, retry_after: int | None = None):
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
