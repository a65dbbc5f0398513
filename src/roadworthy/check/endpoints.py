"""Asking a running agent's endpoints, one GET at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

USUAL = {
    "live": ("/health/live", "/livez", "/live", "/health", "/healthz"),
    "ready": ("/health/ready", "/readyz", "/ready", "/health", "/healthz"),
}
"""The paths that are tried where the manifest declares none: the same as a rehearsal's."""
LONGEST = 3.0
"""Seconds for one answer: a probe of Kubernetes has one by default, and a cold connection needs some more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its status (None: nothing did), and why nothing did."""

    status: int | None
    problem: str = ""
    is_page: bool = False
    """It is HTML: a web page that answers under every path is no endpoint."""

    @property
    def is_well(self) -> bool:
        """Whether it is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def told(self) -> str:
        """The end of a sentence that begins with the path."""
        return f"answers {self.status}" if self.status is not None else self.problem


class Endpoints:
    """The endpoints below one address. Each is asked once."""

    def __init__(self, base: str, remaining: Callable[[], float]) -> None:
        self._base = urlsplit(base)
        self._remaining = remaining
        self._answers: dict[str, Answer] = {}

    def ask(self, path: str) -> Answer:
        """What a GET of `path` gives."""
        if path not in self._answers:
            self._answers[path] = self._asked(path)
        return self._answers[path]

    def _asked(self, path: str) -> Answer:
        import http.client

        patience = min(LONGEST, self._remaining())
        if patience <= 0:
            return Answer(None, "was not reached in time")
        secure = self._base.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        try:
            connection = make(self._base.hostname or "", self._base.port, timeout=patience)
        except ValueError:
            return Answer(None, "cannot be asked for: the URL has no valid port")
        try:
            connection.request("GET", self._base.path.rstrip("/") + path, headers={"User-Agent": "roadworthy-check"})
            response = connection.getresponse()
            return Answer(response.status, is_page="html" in (response.getheader("Content-Type") or ""))
        except TimeoutError:
            return Answer(None, f"did not answer within {patience:.1f} s")
        except ConnectionRefusedError:
            return Answer(None, f"cannot be asked for: nothing listens on {self._base.netloc.rpartition('@')[2]}")
        except (OSError, http.client.HTTPException) as error:
            return Answer(None, f"cannot be asked for: {getattr(error, 'strerror', None) or type(error).__name__}")
        finally:
            connection.close()
