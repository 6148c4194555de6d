import json
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cchc_public.checks.rules import Finding, Severity
from cchc_public.checks.run import solve_report
from cchc_public.releases.content import (
    Reason,
    build_content,
    canonical_json,
    digest_of,
    parse_content,
    period_of,
    period_order,
    value_to_json,
)
from cchc_public.releases.published import Authority, NarrativeSection, ReleaseKind
from cchc_public.store import Report
from cchc_public.tables.language import BY_FIELD, Form, Quantity, Ratio, Sum, Table, ValueKind
from cchc_public.tables.registry import blank_sheet, get_form
from cchc_public.tables.sheet import Rate, Row, Sheet, solve
from cchc_public.vietnamese.dates import parse_period
from tests.unit.sheet_makers import register

PUBLISHED_AT = datetime(2023, 6, 12, 7, 30, 1, 5, tzinfo=UTC)
NOTE = {
    "number": 2,
    "kind": "correction",
    "reason": "Đếm sót",
    "published_at": PUBLISHED_AT.isoformat(),
    "published_by": "Trần Văn Đức",
    "previous_digest": "a" * 64,
}
AUTHORITY = Authority("UBND xã Kim Thạch", "H50", "UBND huyện Vĩnh Linh")

MARKETS = Table(
    code="cho-phien",
    title="Chợ phiên",
    short_title="Chợ",
    unit="buổi",
    quantities=(
        Quantity("held", "da_hop", ("Đã họp",)),
        Quantity("planned", "ke_hoach", ("Kế hoạch",)),
        Quantity("area", "dien_tich", ("Diện tích",), ValueKind.NUMBER),
        Quantity("both", "cong", ("Cộng",)),
        Quantity("rate", "ty_le", ("Tỷ lệ",), ValueKind.RATE),
        Quantity("words", "ghi_chu", ("Ghi chú",), ValueKind.TEXT),
    ),
    sums=(Sum("both", ("held", "planned")),),
    ratios=(Ratio("rate", ("held",), ("planned",)),),
)
NINTH = Form(MARKETS, "1", BY_FIELD, MARKETS.columns())


def make_report(**changes):
    fields = {
        "slug": "2023-6-thang",
        "data_from": date(2022, 12, 15),
        "data_to": date(2023, 6, 12),
        "due_on": date(2023, 12, 20),
        "head": {"signatory": "Trần Văn Đức"},
        "narrative": [
            {"title": "Khó khăn", "text": "Một.\n\nHai."},
            {"title": "Trống", "text": "  "},
        ],
    }
    return Report(**{**fields, **changes})


def market_sheet():
    cells = {"held": 3, "planned": 4, "area": Decimal("12.50"), "words": "Mưa"}
    rows = (
        Row("a", "Chợ A", cells={**cells, "rate": Decimal("75.1")}),
        Row("b", "Chợ B", cells={"held": 0}),
    )
    return Sheet("cho-phien", "1", date(2022, 12, 15), date(2023, 6, 12), rows)


def freeze(sheets, report=None, findings=(), reasons=None):
    content = build_content(
        report or make_report(),
        sheets,
        authority=AUTHORITY,
        findings=findings,
        reasons=reasons or {},
        release=NOTE,
        solved=solve_report({sheet.table_code: sheet for sheet in sheets}),
    )
    return canonical_json(content)


def test_every_value_of_a_ninth_table_comes_back_as_it_was():
    with register(NINTH):
        text = freeze([market_sheet()])
        release = parse_content(text, release_id=4)
        table = release.table("cho-phien")
        expected = solve(NINTH, market_sheet())
        assert table.evaluated.rows == expected.rows
        assert table.evaluated.total == expected.total
        assert table.evaluated.sheet == market_sheet()
        values = table.evaluated.rows[0].values
        assert values["rate"] == Rate(3, 4)
        assert isinstance(values["held"], int)
        assert isinstance(values["area"], Decimal)
        assert str(values["area"]) == "12.50"
        # unknown stays unknown and is not 0
        assert table.evaluated.rows[1].values["planned"] is None
        assert table.evaluated.rows[1].values["both"] is None


def test_the_frame_of_a_release_comes_back_as_it_was():
    text = freeze([blank_sheet(get_form("ho-so"), date(2022, 12, 15), date(2023, 6, 12))])
    release = parse_content(text, release_id=4)
    assert (release.id, release.digest, release.number) == (4, digest_of(text), 2)
    assert release.kind is ReleaseKind.CORRECTION
    assert release.published_at == PUBLISHED_AT
    assert release.previous_digest == "a" * 64
    assert release.authority == AUTHORITY
    assert (release.data_to, release.due_on) == (date(2023, 6, 12), date(2023, 12, 20))
    assert release.head == {"signatory": "Trần Văn Đức"}
    assert release.narrative == (
        NarrativeSection("Đánh giá chung", "", "III", "III", ""),
        NarrativeSection("Những tồn tại, hạn chế", "Một.\n\nHai.", "III.2", "2", "Một.\n\nHai."),
    )
    assert release.narrative[1].paragraphs == ("Một.", "Hai.")
    assert release.tables == ()
    assert release.empty_codes == ("ho-so",)
    assert release.table("ho-so") is None


def test_a_finding_is_published_with_its_reason_at_its_cell():
    finding = Finding(Severity.WARNING, "ninth-rule", "Lạ.", "cho-phien", "a", "held", "3", "4")
    with register(NINTH):
        text = freeze(
            [market_sheet()],
            findings=[finding],
            reasons={finding.key: Reason("Mưa lũ", "Nguyễn Thị Lan")},
        )
        table = parse_content(text, release_id=1).table("cho-phien")
    (published,) = table.findings
    assert (published.row, published.column) == ("a", "held")
    assert (published.reason, published.reason_by) == ("Mưa lũ", "Nguyễn Thị Lan")
    assert (published.key, published.severity) == (finding.key, Severity.WARNING)


def test_every_rate_is_frozen_with_its_fraction():
    assert value_to_json(Rate(522, 673)) == {
        "numerator": 522,
        "denominator": 673,
        "percent": "77.56",
    }
    assert value_to_json(Rate(None, 673))["percent"] is None


def test_the_digest_depends_on_the_content_only():
    one = canonical_json({"b": 1, "a": {"y": "Số hóa", "x": [1, None]}})
    two = canonical_json({"a": {"x": [1, None], "y": "Số hóa"}, "b": 1})
    assert one == two == '{"a":{"x":[1,null],"y":"Số hóa"},"b":1}'
    assert digest_of(one) == digest_of(two)
    assert digest_of(canonical_json({"a": 1})) != digest_of(canonical_json({"a": "1"}))


def test_letters_typed_in_pieces_give_the_same_digest():
    whole = {"label": "Lĩnh vực hộ tịch"}
    pieces = {"label": unicodedata.normalize("NFD", whole["label"])}
    assert pieces != whole
    assert canonical_json(pieces) == canonical_json(whole)


def test_what_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_freezing_the_same_report_twice_gives_the_same_text():
    with register(NINTH):
        assert freeze([market_sheet()]) == freeze([market_sheet()])


def test_content_of_an_unknown_schema_is_not_guessed():
    data = json.loads(freeze([]))
    data["schema"] = 99
    with pytest.raises(ValueError, match="unknown schema"):
        parse_content(json.dumps(data), release_id=1)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2023-thang-05", "2023-thang-06"),
        ("2023-thang-06", "2023-quy-2"),
        ("2023-quy-2", "2023-6-thang"),
        ("2023-6-thang", "2023-thang-07"),
        ("2022-ca-nam", "2023-thang-01"),
    ],
)
def test_the_database_sorts_periods_as_the_calendar_does(earlier, later):
    assert period_order(parse_period(earlier)) < period_order(parse_period(later))
    assert len(period_order(parse_period(later))) <= 20


def test_a_report_of_an_unknown_period_is_a_wrong_program():
    with pytest.raises(ValueError, match="2023-xyz"):
        period_of(make_report(slug="2023-xyz"))
