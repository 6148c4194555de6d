"""Two people, or two hands of one, at the same form: one wins knowingly, nothing disappears."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from cchc_public.demo import load_demo_reception
from cchc_public.procedures import ProcedureRecord
from cchc_public.procedures.saving import create_procedure
from cchc_public.reports.drafting import get_report
from cchc_public.reports.review import reasons_by_key
from cchc_public.store import Procedure, utc_now
from tests.hostile import plain_client
from tests.integration.reports import CLERK, SLUG, open_filled
from tests.office_forms import fill, read_form, words

pytestmark = pytest.mark.databases("sqlite")
COUNTS = {"posted": "138", "field_count": "27", "in_jurisdiction": "125", "other": "9"}
CODE = "9.999999"
HANDS = 5


@pytest.fixture
def desk(session, clerk, prefix) -> str:
    """A period with warnings, a procedure, a reception rule."""
    open_filled(session)
    create_procedure(session, ProcedureRecord(CODE, "Thử", "Hộ tịch"), CLERK)
    load_demo_reception(session, utc_now().date(), CLERK)
    session.commit()
    address = f"{prefix}/quan-tri/ky/{SLUG}"
    cells = {f"r0__c__{key}": figure for key, figure in COUNTS.items()}
    assert fill(clerk, f"{address}/so-luong-thu-tuc", **cells).status_code == 302
    return address


def all_at_once(client, address: str, forms: list[dict[str, str]]) -> Counter[int]:
    """Send every form at the same moment from threads of their own."""
    start, codes = threading.Barrier(len(forms)), []

    def send(form: dict[str, str]) -> None:
        person = plain_client(client)
        start.wait()
        codes.append(person.post(address, data=form).status_code)

    threads = [threading.Thread(target=send, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(codes)


def reason_fields(page) -> list[str]:
    return sorted(name for name in read_form(page.text, "/giai-trinh") if "reason." in name)


def reasons(session) -> dict[str, str]:
    session.expire_all()
    return {key: one.text for key, one in reasons_by_key(get_report(session, SLUG)).items()}


def test_saving_an_untouched_reason_does_not_undo_a_colleagues(
    clerk, publisher, desk, session
) -> None:
    address = f"{desk}/giai-trinh"
    old = read_form(publisher.get(address).text, "/giai-trinh")
    first, *_ = names = reason_fields(clerk.get(address))
    assert fill(clerk, address, **{first.replace(".", "__"): "Vì thế này"}).status_code == 302
    assert publisher.post(address, data=old).status_code == 302
    assert reasons(session) == {first.removeprefix("reason."): "Vì thế này"}
    assert len(names) >= 1


@pytest.mark.everywhere
def test_of_two_different_reasons_both_are_shown_and_the_second_save_is_knowing(
    clerk, publisher, desk, session
) -> None:
    address = f"{desk}/giai-trinh"
    old = read_form(publisher.get(address).text, "/giai-trinh")
    first = reason_fields(clerk.get(address))[0]
    fill(clerk, address, **{first.replace(".", "__"): "Lời của Lan"})
    refused = publisher.post(address, data=old | {first: "Lời của Đức"})
    assert refused.status_code == 409
    assert "Lời của Lan" in words(refused.text)
    again = read_form(refused.text, "/giai-trinh")
    assert again[first] == "Lời của Đức"
    assert reasons(session)[first.removeprefix("reason.")] == "Lời của Lan"
    assert publisher.post(address, data=again).status_code == 302
    assert reasons(session)[first.removeprefix("reason.")] == "Lời của Đức"


@pytest.mark.parametrize(
    ("page", "action", "field"),
    [
        ("/ho-so", "/ho-so", "r0.c.received_online"),
        ("/bao-cao", "/bao-cao", "signatory"),
        ("/giai-trinh", "/giai-trinh", "reason"),
        ("/../../thu-tuc/" + CODE, CODE, "name"),
        ("/../../tiep-cong-dan/quy-dinh", "/quy-dinh", "place"),
    ],
)
def test_different_words_saved_at_one_moment_win_once(clerk, desk, page, action, field) -> None:
    address = f"{desk}{page}".replace(f"/ky/{SLUG}/../..", "")
    opened = clerk.get(address)
    form = read_form(opened.text, action)
    name = next(key for key in form if key.startswith(field))
    forms = [form | {name: f"9{number}"} for number in range(HANDS)]
    assert all_at_once(clerk, address, forms) == {302: 1, 409: HANDS - 1}


def test_the_same_form_sent_twice_is_saved_once(clerk, desk) -> None:
    form = read_form(clerk.get(f"{desk}/ho-so").text, "/ho-so") | {"r0.c.received_online": "77"}
    assert all_at_once(clerk, f"{desk}/ho-so", [form] * HANDS) == {302: HANDS}
    history = words(clerk.get(f"{desk}/lich-su?bieu=ho-so").text)
    assert history.count("10 → 77") == 1


def test_a_new_procedure_sent_twice_is_made_once(clerk, desk, session, prefix) -> None:
    address = f"{prefix}/quan-tri/thu-tuc/moi"
    form = read_form(clerk.get(address).text, "/moi")
    form |= {"code": "8.888888", "name": "Thử", "field": "Lĩnh vực mới"}
    codes = all_at_once(clerk, address, [form] * HANDS)
    assert codes[302] == 1
    assert set(codes) <= {302, 409, 422}
    session.expire_all()
    assert session.query(Procedure).filter_by(code="8.888888").count() == 1
