"""Secrets and injection: what is in the code for everybody to read, and what a model's text can make it do."""

from __future__ import annotations

import ast
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import of_path

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

hazard = Hazard(
    "SEC",
    "Secrets and injection",
    cause="A key in the code is read by everybody who gets the repository or the image; and what a model writes, or a "
    "page that it has read, reaches a shell, a database or `eval` as if a developer had written it.",
    fix="Read secrets from the environment or a secret store. Hand values over as arguments, never inside a command.",
    before="""\
client = OpenAI(api_key="sk-proj-…")

def search(pattern):  # a tool: the model says what the pattern is
    return subprocess.run(f"grep -r {pattern} .", shell=True, capture_output=True)
""",
    after="""\
client = OpenAI()  # reads OPENAI_API_KEY

def search(pattern):
    return subprocess.run(["grep", "-r", "-e", pattern, "."], capture_output=True, timeout=30)
""",
)
PLACEHOLDER = re.compile(
    r"x{4,}|\*{3,}|\.{3}|…|your|example|placeholder|change.?me|replace|dummy|fake|mock|redact|insert|sample|secret.?here|"
    r"key.?here|12345|23456|abcdef|qwerty|foobar|todo|test|invalid|not.?a.?real|(.)\1{5,}",
    re.IGNORECASE,
)
"""Words and rows of letters that nobody's real secret holds."""
SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|pwd|secret|secret_?key|api_?key|api_?secret|token|access_?key|private_?key|client_?secret|"
    r"signing_?key|encryption_?key|webhook_?secret)$",
    re.IGNORECASE,
)
_SAYS_ELSEWHERE = re.compile(
    r"^(https?|s3|gs|arn|vault|projects|op|ssm)[:/]|^[/.~]|[{}<>$%\s]|^\w+\(|\.(json|pem|ya?ml|txt|py)$"
)
"""A place where the secret is, or a template of one."""
_WORD_AND_DIGIT = re.compile(r"[a-z]+[-_]?\d")
_WORDS = re.compile(r"[a-z]+([-_.:/][a-z0-9]{1,7})*")
_HOST = re.compile(r"[\w.-]*")
_NOBODYS_HOST = re.compile(
    r"^$|^[\w-]+$|^(127|10|192\.168|0)(\.\d+){2,3}$|(^|\.)example(\.(com|org|net))?$"
    r"|\.(internal|local|localhost|test|invalid|lan|svc)$"
)
"""Hosts of documentation, and names within one network: `db`, `db.example.com`, `cache.internal`."""
LONG = 16
"""Letters from which on a password is rather a machine's than a person's."""
RANDOM = 3.0
"""Bits a letter: English words joined by dashes stay below about 2.9 at this length, random keys are above 3.2."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a text: `line` and `column` from one, its `value`, and its beginning, which may be shown."""

    line: int
    column: int
    kind: str
    issuer: str
    shown: str
    value: str
    host: str | None = None
    """Where a password in an address lets in."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of secret that is known by its form; one of `words` stands in each."""

    kind: str
    issuer: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]


@cache
def shapes() -> tuple[Shape, ...]:
    """All kinds of secrets that are known, from data/secret-patterns.toml."""
    rows = _patterns()["secret"]
    return tuple(Shape(row["kind"], row["issuer"], tuple(row["words"]), re.compile(row["pattern"])) for row in rows)


@cache
def public_keys() -> tuple[str, ...]:
    """Beginnings of keys that browsers are given, and so are no secrets."""
    return tuple(beginning for row in _patterns()["public"] for beginning in row["beginnings"])


@cache
def _patterns() -> Any:
    return tomllib.loads(files("roadworthy.data").joinpath("secret-patterns.toml").read_text("utf-8"))


def secrets_in(text: str) -> Iterator[Secret]:
    """The secrets in any text that are known by their shape; placeholders are none."""
    for shape in shapes():
        if not any(word in text for word in shape.words):
            continue
        for match in shape.pattern.finditer(text):
            start = match.start()
            if start and (text[start - 1].isalnum() or text[start - 1] in "_/+-"):
                continue  # the end of a longer word: `task-…`
            url_password = match.groupdict().get("secret")
            value = url_password or match.group()
            if PLACEHOLDER.search(value) or (url_password is None and randomness(value) < RANDOM):
                continue
            if url_password is not None and f"/{value}:{value}@" in match.group():
                continue  # user and password are one word: the default of a developer's database
            line = text.count("\n", 0, start) + 1
            column = start - (text.rfind("\n", 0, start) + 1) + 1
            shown = f"{match.group()[:8]}…" if url_password is None else f"{match.group().partition('://')[0]}://…"
            host = None if url_password is None else _host_after(text, match.end())
            yield Secret(line, column, shape.kind, shape.issuer, shown, value, host)


def _host_after(text: str, end: int) -> str:
    """The host of an address whose password the match ends with."""
    found = _HOST.match(text, text.rfind("@", 0, end) + 1)
    return "" if found is None else found.group().lower()


def _is_made_up(secret: Secret) -> bool:
    """Whether nobody has this host, and the password looks as if somebody had thought of it."""
    is_random = len(secret.value) >= LONG and randomness(secret.value) >= RANDOM
    return not is_random and _NOBODYS_HOST.search(secret.host or "") is not None


def randomness(value: str) -> float:
    """Shannon's entropy of the letters, in bits a letter."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values()) if total else 0.0


@hazard.rule("SEC101", "secret in the code", in_tests=True)
def secret_in_code(module: Module) -> Iterator[Finding]:
    """A key, a token, a private key or a password stands in a file; comments and tests count too.

    Quiet for placeholders (`sk-…`, `your-key`, `changeme`), for examples of the documentation, for names of variables
    and places of secrets, for passwords of a database on the developer's own machine, for keys that are made to be
    public, and, where no known shape tells, for what does not look random. In tests and examples only known shapes are
    looked for, and a password in an address counts where it looks random or the host may be somebody's: not
    `example.com`, `db.internal` or `localhost`.

    Why: who gets the repository, the image or a backup of either has the secret, and it cannot be changed without a
    deployment.

    Mend: revoke it, then read its successor from the environment.
    """
    lines = set()
    is_tried = of_path(module.path, samples=False) is not None
    for secret in secrets_in(module.source):
        if is_tried and secret.host is not None and _is_made_up(secret):
            continue
        lines.add(secret.line)
        at = ast.Constant(secret.shown, lineno=secret.line, col_offset=_bytes_before(module, secret))
        found = module.finding(
            at,
            f"{secret.kind} stands here: {secret.shown}",
            why="everybody who gets this file can use it, also from the history of the repository",
            fix=f"revoke it ({secret.issuer}), and read the new one from the environment",
            severity=Severity.ERROR,
        )
        yield _without(found, secret.value)
    if is_tried:
        return
    for name, value in _assigned_secrets(module):
        if value.lineno not in lines:
            variable = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
            found = module.finding(
                value,
                f"the value of {name} stands in the code",
                why="everybody who gets this file can use it, also from the history of the repository",
                fix=f'change it, and read the new one: `os.environ["{variable}"]`',
                severity=Severity.ERROR,
            )
            yield _without(found, value.value)


def _without(found: Finding, secret: str) -> Finding:
    """The finding with a line that does not show the secret: reports are kept, and read by many."""
    hidden = (found.text or "").replace(secret, f"{secret[:4]}…")
    return replace(found, text=hidden.replace(secret.partition("\n")[0], f"{secret[:4]}…"))


def _bytes_before(module: Module, secret: Secret) -> int:
    return len(module.lines[secret.line - 1][: secret.column - 1].encode())


def _assigned_secrets(module: Module) -> Iterator[tuple[str, Any]]:
    """Names that say that they are secrets, with the text that they are given."""
    for assign in module.all(ast.Assign, ast.AnnAssign):
        for target in assign.targets if isinstance(assign, ast.Assign) else [assign.target]:
            name = ""
            if isinstance(target, (ast.Name, ast.Attribute)):
                name = target.id if isinstance(target, ast.Name) else target.attr
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                name = str(target.slice.value)
            yield from _secret(name, assign.value)
    for keyword in module.all(ast.keyword):
        if keyword.arg is not None:
            yield from _secret(keyword.arg, keyword.value)
    for table in module.all(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from _secret(key.value, value)
    for call in module.calls_to("os.getenv", "os.environ.get", "os.environ.setdefault"):
        yield from _secret(call.text(0, "key") or "", call.argument(1, "default"))


def _secret(name: str, value: ast.expr | None) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or not SECRET_NAME.search(name):
        return
    text = value.value
    if PLACEHOLDER.search(text) or _SAYS_ELSEWHERE.search(text) or text.lower() in name.lower():
        return
    if text.startswith(public_keys()) or not (re.search(r"[A-Za-z]", text) and re.search(r"\d", text)):
        return
    if re.search(r"(password|passwd|pwd)$", name, re.IGNORECASE):
        is_secret = len(text) >= 8 and not _WORD_AND_DIGIT.fullmatch(text)
    else:
        is_secret = len(text) >= 16 and randomness(text) >= RANDOM and not _WORDS.fullmatch(text)
    if is_secret:
        yield name, value
