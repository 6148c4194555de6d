"""What strangers send: addresses filled with it, and a client that checks no page for speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.pages import CheckedClient

# each may stand in a path, a query or a form; all of them are text that a browser can send
WORDS = (
    "\x00",
    "a\x00b",
    "x" * 5000,
    "-1",
    "9" * 20,
    "9" * 5000,
    "2147483648",
    "٣",
    "²",
    "../../etc/passwd",
    "..\\..",
    "x\r\nSet-Cookie: x=1",
    "\"'><script>alert(1)</script>",
    "{{7*7}}%s%n",
    "' OR 1=1--",
    "\u202eđảo",
    "\ufffe",
    "😀",
    "e\u0301",
    "NaN",
    "((((",
)
_ARGUMENT = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z]+)>")


def plain_client(client: CheckedClient) -> FlaskClient:
    """Return a client with the cookies of ``client`` that does not parse every page."""
    app = client.application
    plain: FlaskClient = FlaskClient(app, app.response_class)
    plain._cookies.update(client._cookies)  # noqa: SLF001 - Werkzeug offers no other way
    return plain


def list_rules(app: Flask, method: str) -> list[Rule]:
    """Return the rules of our own pages that take ``method``, in order."""
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    own = [rule for rule in rules if rule.endpoint.startswith("cchc")]
    return sorted(own, key=lambda rule: (rule.rule, rule.endpoint))


def address_of(rule: Rule, **arguments: str) -> str:
    """Return the rule's address; what is not given names something that exists."""
    is_procedure = "thu-tuc" in rule.rule
    known = {
        "slug": "ho-tich" if "linh-vuc" in rule.rule else "2023-6-thang",
        "code": "2.000635" if is_procedure else "ho-so",
        "name": "cchc.css",
        "number": "1",
        "token": "khong-con",
        "secret": "khong-con",
        "kind": "pdf",
    }
    given = known | arguments
    return _ARGUMENT.sub(lambda found: quote(given[found[1]], safe=""), rule.rule)


def hostile_addresses(
    app: Flask, parameters: tuple[str, ...], words: tuple[str, ...] = WORDS
) -> Iterator[str]:
    """Yield every page with each word in its path, and in turn in each query parameter."""
    for number, rule in enumerate(list_rules(app, "GET")):
        for argument in sorted(rule.arguments):
            for word in words:
                yield address_of(rule, **{argument: word})
        if rule.rule.endswith((".pdf", ".zip", ".<kind>")):
            continue
        for place, parameter in enumerate(parameters):
            # not every word everywhere: each word meets every page and every parameter
            word = words[(number + place) % len(words)]
            yield f"{address_of(rule)}?{parameter}={quote(word, safe='')}"
        yield f"{address_of(rule)}?{'&'.join(f'{name}=1&{name}=%00' for name in parameters)}"
