"""No office page is open: every endpoint names what it requires, and every role is refused more."""

import pytest

from tests.hosts import STAFF

pytestmark = [pytest.mark.everywhere, pytest.mark.databases("sqlite")]
ACTIONS = {"enter", "publish", "administer"}
ALLOWED = {
    "clerk": {"enter"},
    "publisher": {"enter", "publish"},
    "admin": {"enter", "administer"},
}


def staff_rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("cchc_staff.")]


def required(app, rule):
    return getattr(app.view_functions[rule.endpoint], "cchc_requires", None)


def addresses(app):
    """Yield method, address and required action of every office endpoint."""
    adapter = app.url_map.bind("localhost")
    for rule in staff_rules(app):
        # 1 fits every kind of argument; a guard must refuse before anything is looked up
        address = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, address, required(app, rule)


def test_every_office_endpoint_names_the_action_it_requires(app):
    rules = staff_rules(app)
    assert len(rules) > 20
    open_doors = {r.endpoint for r in rules if required(app, r) not in ACTIONS}
    assert open_doors == set()


def test_a_stranger_is_sent_to_sign_in_from_everywhere(app, citizen):
    app.config["WTF_CSRF_ENABLED"] = False  # what is asked here is the guard behind it
    for method, address, _action in addresses(app):
        answer = citizen.open(address, method=method)
        assert answer.status_code == 302, (method, address, answer.status)
        assert "next=" in answer.location, (method, address)


@pytest.mark.parametrize("role", STAFF)
def test_a_role_is_refused_what_it_may_not_do(app, signed_in, role):
    client = signed_in(role)
    app.config["WTF_CSRF_ENABLED"] = False
    refused = 0
    for method, address, action in addresses(app):
        if action in ALLOWED[role]:
            continue
        answer = client.open(address, method=method)
        assert answer.status_code == 403, (method, address, answer.status)
        refused += 1
    assert refused


def test_a_forged_form_is_refused_everywhere(app, signed_in):
    clients = {action: signed_in(role) for role, actions in ALLOWED.items() for action in actions}
    for method, address, action in addresses(app):
        if method == "POST":
            answer = clients[action].post(address, data={"anything": "x"})
            # the office keeps what was typed and leads back to the form; nothing is done
            assert answer.status_code in {302, 400}, (address, answer.status)


def test_no_public_page_needs_or_sets_a_cookie(app, citizen):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in {"cchc", "cchc_embed"} or rule.arguments:
            continue
        answer = citizen.get(rule.rule)
        assert "Set-Cookie" not in answer.headers, rule
        if "cchc_site" in app.extensions:
            assert "Cookie" not in answer.headers.get("Vary", ""), rule
