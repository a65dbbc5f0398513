"""A request that cannot be answered, and what the caller is told of it."""


class Failure(Exception):
    """`status` is HTTP's; `retry_after` says in how many seconds it is worth another try."""

    def __init__(self, status: int, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
