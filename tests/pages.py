"""A test client that reads every page the way a strict browser and the house rules do."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

HTML = "{http://www.w3.org/1999/xhtml}"
STOCK_404 = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"
INERT_SCRIPTS = {"application/ld+json", "application/json"}
TOKEN = re.compile(r'(?<=value=")[\w.-]{80,}(?=")')  # new in each form of each answer
SIGN_IN_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
CHECKED: set[bytes] = set()  # the same page asked for again is not read again


class CheckedClient(FlaskClient):
    """Parses every HTML answer; a page that breaks a rule fails the test that asked for it."""

    language = "vi"  # of every page; set to "en" before asking a site for English readers

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request and check the answer."""
        response = super().open(*args, **kwargs)
        # an address that no blueprint of ours knows is answered by the host, in its own way
        is_hosts = response.status_code == 404 and "cchc_site" not in self.application.extensions
        is_stock = is_hosts and response.text.startswith(STOCK_404)
        if response.mimetype == "text/html" and response.request.method != "HEAD" and not is_stock:
            check_response(response, self.language)
        return response

    def sign_in(self, address: str, email: str, password: str) -> TestResponse:
        """Sign in through the real form."""
        form = self.get(address)
        assert form.status_code == 200, form.status
        token = SIGN_IN_TOKEN.search(form.text)[1]  # no page is read more often
        answer = self.post(
            address, data={"email": email, "password": password, "csrf_token": token}
        )
        assert answer.status_code == 302, answer.text
        return answer

    def post_form(self, address: str, **fields: Any) -> TestResponse:
        """Open ``address``, fill in ``fields`` and send its form with all hidden fields."""
        page = self.get(address)
        assert page.status_code == 200, page.status
        return self.post(address, data={**read_inputs(page.text, hidden=True), **fields})


def check_response(response: TestResponse, language: str = "vi") -> None:
    """Check one HTML answer: a whole page, or a fragment to be pasted elsewhere."""
    if not response.data or response.headers.get("Content-Encoding") or is_redirect(response):
        return
    text = response.get_data(as_text=True)
    if "<html" not in text[:2000].lower():
        parse(text, fragment=True)
        return
    policy = response.headers.get("Content-Security-Policy", "")
    seen = hashlib.sha256("\n".join((TOKEN.sub("", text), policy, language)).encode()).digest()
    if seen not in CHECKED:
        check_page(text, policy, language)
        CHECKED.add(seen)


def is_redirect(response: TestResponse) -> bool:
    """Return whether this is Werkzeug's own little page that says where to go."""
    return response.status_code in {301, 302, 303, 307, 308}


@lru_cache(maxsize=64)
def parse(text: str, *, fragment: bool = False) -> Element:
    """Parse strictly; any error of the standard fails. The tree is shared: read it only."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        tree: Element = parser.parseFragment(text) if fragment else parser.parse(text)
    except ParseError as error:
        line = parser.errors[-1][0][0] if parser.errors else 0
        around = "\n".join(text.splitlines()[max(0, line - 2) : line + 1])
        raise AssertionError(f"not valid HTML, line {line}: {error}\n{around}") from error
    return tree


def check_page(text: str, policy: str, language: str) -> None:
    """Check the rules of the house over one page."""
    root = parse(text)
    assert root.get("lang") == language
    title = root.find(f".//{HTML}title")
    assert title is not None
    assert (title.text or "").strip()
    headings = root.findall(f".//{HTML}h1")
    assert len(headings) == 1, f"{len(headings)} h1"
    assert "".join(headings[0].itertext()).strip()
    ids = Counter(identity for item in root.iter() if (identity := item.get("id")))
    assert not [identity for identity, count in ids.items() if count > 1]
    check_references(root, set(ids))
    check_nothing_inline(root, policy)


def check_references(root: Element, ids: set[str]) -> None:
    """Labels, descriptions and in-page links must point to something on the page."""
    for item in root.iter():
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for identity in (item.get(name) or "").split():
                assert identity in ids, f'{name}="{identity}" points to nothing'
        link = item.get("href") or ""
        if item.tag == f"{HTML}a" and link.startswith("#") and link != "#":
            assert link[1:] in ids, f'href="{link}" points to nothing'


def check_nothing_inline(root: Element, policy: str) -> None:
    """No inline script, style or handler, unless the policy names the style by its hash."""
    for item in root.iter():
        assert item.get("style") is None, f"style attribute on {item.tag}"
        assert not [name for name in item.attrib if str(name).startswith("on")], item.attrib
        if item.tag == f"{HTML}script" and item.get("type") not in INERT_SCRIPTS:
            assert item.get("src"), "inline script"
        if item.tag == f"{HTML}style":
            digest = hashlib.sha256((item.text or "").encode()).digest()
            source = f"'sha256-{base64.b64encode(digest).decode()}'"
            assert source in policy, "inline style that the policy does not name"


def read_inputs(text: str, *, hidden: bool = False) -> dict[str, str]:
    """Return name and value of the input elements of a page; with ``hidden``, only those."""
    inputs = parse(text).iter(f"{HTML}input")
    return {
        name: item.get("value") or ""
        for item in inputs
        if (name := item.get("name")) and (not hidden or item.get("type") == "hidden")
    }
