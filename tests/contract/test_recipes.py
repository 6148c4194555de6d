"""The four recipes of README do what README says, word for word."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_public.checks import run
from cchc_public.embed import figures as widgets
from cchc_public.exports.data import render_csv
from cchc_public.public import figures as pages
from cchc_public.tables.notation import read_forms
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet, solve
from cchc_public.web.routes import Routes
from tests.unit.sheet_makers import check_report, register

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
PERIOD = "/ky/2023-6-thang"
pytestmark = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]


def printed(name):
    """Return one recipe as it is printed."""
    return re.search(rf"<!-- recipe: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


def follow(name):
    """Run one recipe as it is printed; return what it defines."""
    defined = {}
    exec(compile(printed(name), f"README, {name}", "exec"), defined)  # noqa: S102 - our own README
    return defined


def receipts(form, **cells):
    return Sheet(form.code, form.edition, rows=(Row("ho-tich", "Hộ tịch", cells=cells),))


def test_a_table_is_data():
    with register(*read_forms(printed("table"))) as form:
        assert get_form("bien-lai") is form
        solved = solve(form, receipts(form, online=3, cash=1))
        assert solved.figure("total") == 4
        assert solved.rate("rate").percent == Decimal(75)
        assert "truc_tuyen,tien_mat,tong,ty_le" in render_csv(solved)


def test_a_check_is_a_rule_and_a_function(monkeypatch):
    found = follow("check")
    rules = (*run.SHEET_RULES, found["check_online_receipts"])
    monkeypatch.setattr(run, "SHEET_RULES", rules)
    with register(*read_forms(printed("table"))) as form:
        sheet = receipts(form, online=0, cash=5)
        told = [f.rule for f in check_report({form.code: sheet}, preset=None)]
        assert "no-online-receipt" in told
        fine = receipts(form, online=1, cash=5)
        told = [f.rule for f in check_report({form.code: fine}, preset=None)]
        assert "no-online-receipt" not in told


def test_a_widget_is_a_function_and_a_line(monkeypatch, demo, build_app):
    monkeypatch.setattr(widgets, "WIDGETS", follow("widget")["WIDGETS"])
    client = build_app("standalone").test_client()
    text = client.get("/nhung/nhiem-vu").text
    assert "Nhiệm vụ cải cách hành chính" in text
    assert re.search(r"Ban hành kế hoạch kiểm tra CCHC năm 2023</span></th><td>100\b", text)
    assert client.get("/nhung/nhiem-vu.svg").status_code == 200
    assert "/nhung/nhiem-vu" in client.get("/nhung?tien-ich=nhiem-vu").text


def test_an_export_is_a_function_and_an_address(monkeypatch, demo, build_app):
    monkeypatch.setattr(pages, "routes", Routes(pages.routes))
    follow("export")
    answer = build_app("standalone").test_client().get(f"{PERIOD}/ho-so.tsv")
    assert answer.mimetype == "text/tab-separated-values"
    assert "\t692\t" in answer.text
