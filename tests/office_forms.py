"""Reads the forms of an office page as a browser would send them, so that tests post real forms."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from werkzeug.test import TestResponse

from tests.pages import HTML, CheckedClient, parse


def find_form(text: str, action: str) -> Element:
    """Return the posted form whose address ends with ``action``."""
    found = [
        form
        for form in parse(text).iter(f"{HTML}form")
        if form.get("method") == "post"
        and (form.get("action") or "").partition("?")[0].endswith(action)
    ]
    assert found, f"no form for {action}"
    return found[0]


def read_form(text: str, action: str) -> dict[str, str]:
    """Return every field a browser would send without pressing a particular button."""
    root, form = parse(text), find_form(text, action)
    fields = [*form.iter()]
    if identity := form.get("id"):
        fields += [item for item in root.iter() if item.get("form") == identity]
    return {
        item.get("name") or "": value
        for item in fields
        if item.get("name") and (value := _value(item)) is not None
    }


def _value(item: Element) -> str | None:
    if item.tag == f"{HTML}textarea":
        return item.text or ""
    if item.tag == f"{HTML}select":
        options = [*item.iter(f"{HTML}option")]
        chosen = [option for option in options if option.get("selected") is not None]
        return (chosen or options)[0].get("value")
    if item.tag != f"{HTML}input" or item.get("type") == "file":
        return None
    if item.get("type") in ("checkbox", "radio") and item.get("checked") is None:
        return None
    return item.get("value") or ""


def fill(client: CheckedClient, page: str, action: str = "", **typed: Any) -> TestResponse:
    """Open ``page``, type into its form for ``action`` and send it; ``__`` stands for a dot."""
    opened = client.get(page)
    assert opened.status_code == 200, opened.status
    fields = read_form(opened.text, action or page)
    fields |= {name.replace("__", "."): value for name, value in typed.items()}
    return client.post(opened.request.path if not action else _address(opened, action), data=fields)


def _address(opened: TestResponse, action: str) -> str:
    return str(find_form(opened.text, action).get("action"))


def words(text: str) -> str:
    """Return the words of a page's main part, spaces made single."""
    main = next(parse(text).iter(f"{HTML}main"), None)
    root = main if main is not None else next(parse(text).iter(f"{HTML}body"))
    return " ".join("".join(root.itertext()).split())


def answer_warnings(client: CheckedClient, desk: str) -> None:
    """Explain every warning of a period that has no reason yet."""
    page = client.get(f"{desk}/giai-trinh")
    if "<textarea" in page.text:
        fields = read_form(page.text, "/giai-trinh")
        text = "Đã đối chiếu với sổ của bộ phận một cửa."
        open_ones = [n for n, said in fields.items() if n.startswith("reason.") and not said]
        fields |= dict.fromkeys(open_ones, text)
        assert client.post(f"{desk}/giai-trinh", data=fields).status_code == 302


def hand_in(client: CheckedClient, desk: str, **typed: Any) -> None:
    """Answer every warning, then hand in as a clerk does."""
    answer_warnings(client, desk)
    answer = fill(client, f"{desk}/trinh", "/trinh", **typed)
    assert answer.status_code == 302, words(answer.text)


def decide(client: CheckedClient, desk: str, decision: str = "now", **typed: Any) -> TestResponse:
    """Decide as an approver does."""
    return fill(client, f"{desk}/cong-bo", "/cong-bo", decision=decision, **typed)
