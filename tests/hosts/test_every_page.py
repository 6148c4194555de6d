"""Every page where its own tests do not go: in a host, on PostgreSQL."""

from __future__ import annotations

from collections import deque

import pytest
from flask import template_rendered

from cchc_public.demo import load_demo_reception
from cchc_public.store import utc_now
from tests.contract.test_public_contexts import PAGES, declared_names
from tests.integration.reports import CLERK
from tests.pages import HTML, parse

SIGNS_OUT = "dang-xuat"
MADE = (".pdf", ".docx", ".xlsx", ".xls", ".ods", ".zip")  # slow to make, and no host has a say


def read_addresses(page: str) -> tuple[set[str], set[str]]:
    """Return the addresses on this server that a page leads to, and those its forms post to."""
    links, forms = set(), set()
    for item in parse(page).iter():
        is_post = item.tag == f"{HTML}form" and item.get("method") == "post"
        for name in ("href", "src", "action"):
            address = (item.get(name) or "").partition("#")[0]
            if address.startswith("/"):
                (forms if is_post else links).add(address)
    return links, forms


@pytest.fixture
def given(app):
    """The names that each template was given, besides those that every one has."""
    found: dict[str, set[str]] = {}

    def note(sender, template, context, **_more):
        ambient = {"view": "", "scripts": ()} if "kiosk" in template.name else {}
        sender.update_template_context(ambient)
        found.setdefault(template.name, set()).update({*context} - {*ambient})

    with template_rendered.connected_to(note, app):
        yield found


@pytest.mark.everywhere
@pytest.mark.usefixtures("demo", "procedures")
def test_every_link_leads_to_a_page_and_every_form_to_its_own_address(
    app, prefix, citizen, clerk, publisher, admin, session, given
):
    load_demo_reception(session, utc_now().date(), CLERK)
    session.commit()
    adapter = app.url_map.bind("localhost")
    opened, posted = set(), set()
    for client, start in (
        (citizen, f"{prefix}/"),
        (citizen, f"{prefix}/man-hinh"),
        (clerk, f"{prefix}/quan-tri/"),
        (publisher, f"{prefix}/quan-tri/ky/2023-6-thang"),
        (admin, f"{prefix}/quan-tri/bat-dau"),
    ):
        waiting, known, asked = deque([start]), {start}, set()
        while waiting:
            address = waiting.popleft()
            if "cchc_site" in app.extensions:  # a host's frame has the language of the host
                client.language = "en" if address.startswith("/en") else "vi"
            answer = client.get(address, follow_redirects=True)
            assert answer.status_code == 200, (address, answer.status)
            if answer.mimetype != "text/html" or "<html" not in answer.text[:2000].lower():
                continue
            links, forms = read_addresses(answer.text)
            posted |= {adapter.match(form.partition("?")[0], method="POST")[0] for form in forms}
            for link in sorted(links - known):
                known.add(link)
                path = link.partition("?")[0]
                endpoint = adapter.match(path, method="GET")[0]
                # one address of each: 277 procedures are one page
                if endpoint not in asked and SIGNS_OUT not in path:
                    asked.add(endpoint)
                    if not path.endswith(MADE):
                        waiting.append(link)
        opened |= asked
    # the others come with another state of the period, or no link leads to them
    assert len(opened) > 55
    assert len(posted) > 20
    if "cchc_site" in app.extensions:
        pages = {name: names for name, names in given.items() if name in PAGES}
        assert len(pages) > 12
        assert pages == {name: declared_names(name) for name in pages}
