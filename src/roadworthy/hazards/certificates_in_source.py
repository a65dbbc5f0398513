"""Rules of NET over certificates: whose connections take any."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.network import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.tree import above, parent

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

UNVERIFIED = ("verify", "verify_ssl", "ssl_verify", "verify_certs", "validate_certs", "ssl", "tls_verify")
ALLOWING = ("tlsAllowInvalidCertificates", "tlsInsecure", "tls_insecure")
"""Arguments that accept any certificate where they are true."""
VERIFYING = re.compile(
    r"^(requests|httpx|aiohttp|elasticsearch|opensearchpy|urllib3|qdrant_client|weaviate|hvac|kubernetes|openai|anthropic|websockets|redis|pymongo)\b"
)
VERBS = ("get", "post", "put", "patch", "delete", "head", "request", "stream", "ws_connect")
"""Methods of HTTP clients: what switches verification off in one of these does, whoever made the client."""
_CHOICE = re.compile(
    r"\b(args|options|opts|settings|config|cfg|self)\.\w*(verify|insecure|ssl|tls)|"
    r"\bverify(_?(ssl|tls|certs?|certificates?|https))?\b|(ssl|tls|cert|https)\w*_?verif|insecure|self_?signed|"
    r"(ignore|skip|disable|allow|accept)_\w*(ssl|tls|cert|https)",
    re.IGNORECASE,
)
"""How a condition asks whether certificates are to be verified."""
_WITHOUT_CHECK = re.compile(
    r"(ignor(e|ing)|no|skip|without|disabled?|unsafe)_?(ssl|tls|cert|https|verif|host_?name)|"
    r"(ssl|tls|cert\w*)_?(ignor|skip|disabled|off)|insecure|unverified",
    re.IGNORECASE,
)
"""Names by which whoever takes it says that nothing is to be checked."""


@hazard.rule("NET103", "certificates not verified")
def unverified(module: Module) -> Iterator[Finding]:
    """The check of certificates is switched off.

    Quiet where an option or a setting switches it off, which whoever runs the agent has chosen, and in a class or a
    function whose name says that it does not verify. Told once where several lines of one function do it.

    Why: it was switched off for a proxy or a certificate of the developer's own; in production anybody between the
    agent and the service can read and change what passes, keys included.

    Mend: trust the right authority: `verify="/etc/ssl/certs/internal-ca.pem"`, or `SSL_CERT_FILE`.
    """
    told: set[ast.AST] = set()
    for node, what in _unverified_places(module):
        place = _context(module, node)
        if place in told or _is_chosen(module, node):
            continue
        if place is not None:
            told.add(place)
        yield module.finding(
            node,
            f"certificates are not verified here: {what}",
            why="anybody on the way can read and change what is sent, keys included",
            fix='trust the authority that signed it: `verify="/path/to/ca.pem"`, or the variable SSL_CERT_FILE',
            severity=None if module.moment(node) is not Moment.UNKNOWN else Severity.ERROR,
        )


def _unverified_places(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for keyword in module.all(ast.keyword):
        if keyword.arg not in UNVERIFIED and keyword.arg not in ALLOWING:
            continue
        around = parent(keyword)
        if isinstance(around, ast.Call) and _switches_off(module, keyword) and _is_client(module, around):
            yield keyword, f"`{ast.unparse(keyword)}`"
    for name in module.all(ast.Attribute):
        if name.attr == "CERT_NONE" and module.name(name) == "ssl.CERT_NONE" and _is_asked_for(name):
            yield name, "`cert_reqs` is ssl.CERT_NONE"
    for context in module.all(ast.Attribute):
        if context.attr == "_create_unverified_context" and isinstance(context.ctx, ast.Load):
            yield context, "an unverified context"
    for assign in module.all(ast.Assign):
        target = assign.targets[0]
        if not isinstance(target, ast.Attribute):
            continue
        off = target.attr == "check_hostname" and isinstance(assign.value, ast.Constant) and assign.value.value is False
        none = target.attr == "verify_mode" and module.name(assign.value) == "ssl.CERT_NONE"
        if none or (off and module.name(target.value).startswith("ssl.")):
            yield assign, ast.unparse(assign)
        elif (
            target.attr == "verify"
            and module.constant(assign.value) is False
            and module.name(target.value) in ("requests.Session()", "requests.session()")
        ):
            yield assign, "`session.verify = False`"


def _is_asked_for(name: ast.Attribute) -> bool:
    """Whether it is handed on as what is required of certificates: `sslopt={"cert_reqs": ssl.CERT_NONE}`."""
    around = parent(name)
    if isinstance(around, ast.keyword):
        return around.arg in ("cert_reqs", "ssl_cert_reqs")
    if not isinstance(around, ast.Dict):
        return False
    keys = (key for key, value in zip(around.keys, around.values, strict=True) if value is name)
    return any(isinstance(key, ast.Constant) and key.value in ("cert_reqs", "ssl_cert_reqs") for key in keys)


def _context(module: Module, node: ast.AST) -> ast.AST | None:
    """What stands for one context of two lines: `check_hostname` has to be off before `verify_mode` can be."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if not isinstance(target, ast.Attribute) or target.attr not in ("check_hostname", "verify_mode"):
        return None
    made = module.names.value(target.value)
    return made if isinstance(made, ast.Call) else module.scope(node).node


def _is_chosen(module: Module, node: ast.AST) -> bool:
    """Whether it stands below `if not args.verify_ssl:`, or in `class IgnoreCertificates`."""
    if _WITHOUT_CHECK.search(module.scope(node).name):
        return True
    return any(isinstance(each, (ast.If, ast.IfExp)) and _CHOICE.search(ast.unparse(each.test)) for each in above(node))


def _switches_off(module: Module, keyword: ast.keyword) -> bool:
    value = module.constant(keyword.value)
    return value is (keyword.arg in ALLOWING)


def _is_client(module: Module, node: ast.Call) -> bool:
    name = module.call(node).name
    if VERIFYING.search(name) or name.startswith("motor."):
        return True
    # A client that came as an argument: its methods are asked with an address.
    return name.startswith("?") and name.rpartition(".")[2] in VERBS and bool(node.args)
