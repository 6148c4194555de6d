"""``cchc import``, ``check``, ``publish``: reports and lists without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from cchc_public.checks.rules import Severity
from cchc_public.cli import FILE, OPERATOR, committed, group
from cchc_public.errors import CchcError, ImportRejected, NotFound, PublicationBlocked
from cchc_public.files.grid import Document
from cchc_public.procedures.importing import import_files
from cchc_public.reading.questions import EXIT_CODES, READ, Context, Reading, refused, report_json
from cchc_public.reading.sources import (
    AUTO,
    open_source,
    read_auto,
    read_source,
)
from cchc_public.reports.drafting import (
    create_report,
    find_report,
    get_report,
    get_sheet,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.publishing import (
    accept_clock,
    approve,
    hand_in,
    next_due,
    publish_approved,
    publish_due,
)
from cchc_public.reports.publishing import withdraw as withdraw_period
from cchc_public.reports.review import find_findings, reasons_by_key
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.store.base import Actor, clock_text, utc_now
from cchc_public.store.remembered import find_answers
from cchc_public.store.writing import find_active
from cchc_public.tables.registry import forms_for, get_form
from cchc_public.vietnamese.dates import parse_period

_NUMBER = re.compile(r"[0-9][0-9.]*(?:,[0-9]+)?")
_WORDS = {Severity.ERROR: "LỖI", Severity.WARNING: "cảnh báo", Severity.INFO: "thông tin"}


@group.command("check")
@click.argument("period")
@click.option("--json", "as_json", is_flag=True, help="In các điều tìm thấy dạng JSON.")
def check(period: str, as_json: bool) -> None:
    """Soát một kỳ (ví dụ 2023-6-thang); thoát 1 khi còn lỗi."""
    session = get_state().session
    report = get_report(session, period)
    reasons = reasons_by_key(report)
    findings = find_findings(session, report)
    errors = sum(f.severity is Severity.ERROR and f.blocks(reasons) for f in findings)
    if as_json:
        listed = []
        for finding in findings:
            # the figures it compares, found first
            written = _NUMBER.findall(f"{finding.found} | {finding.expected}")
            numbers = [text.replace(".", "").replace(",", ".") for text in written]
            listed.append(
                {
                    "code": finding.rule,
                    "severity": finding.severity.value,
                    "table": finding.table,
                    "row": finding.row,
                    "quantity": finding.column,
                    "message": finding.message,
                    "numbers": [float(text) if "." in text else int(text) for text in numbers],
                    "found": finding.found,
                    "expected": finding.expected,
                    "answered": finding.key in reasons,
                }
            )
        document = {"schema": "cchc-check/1", "period": period, "findings": listed}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            place = "/".join(filter(None, (finding.table, finding.row, finding.column)))
            place += " (đã có lý do)" if finding.key in reasons else ""
            click.echo(f"[{_WORDS[finding.severity]}] {finding.rule} {place}: {finding.message}")
        click.echo(f"{len(findings)} điều tìm thấy, {errors} lỗi.")
    if errors:
        raise SystemExit(1)


@group.command("publish")
@click.argument("period")
@click.option("--reason", default="", help="Lý do, bắt buộc khi đính chính.")
@click.option("--approved-by", default="", metavar="HỌ_TÊN", help="Ai đã duyệt bản đang chờ duyệt.")
def publish(period: str, reason: str, approved_by: str) -> None:
    """Công bố bản đã duyệt của một kỳ, hoặc đính chính kỳ đã công bố.

    Nơi đòi người thứ hai, bản đã trình mà chưa duyệt cần --approved-by; tên ấy vào nhật ký.
    """
    state = get_state()
    needs_second = state.config["REQUIRE_SECOND_PERSON"]
    with committed() as session:
        report = get_report(session, period)
        waiting = find_active(session, report)
        if waiting and reason not in ("", waiting.reason):
            raise PublicationBlocked(f"Lý do đã ghi khi trình: “{waiting.reason}”. Bỏ --reason.")
        if waiting is None:
            if needs_second:
                raise PublicationBlocked(
                    "Kỳ này chưa được trình. Hãy trình ở trang quản trị; một người khác duyệt ở "
                    "đó, hoặc duyệt tại đây bằng --approved-by."
                )
            waiting = hand_in(session, report, OPERATOR, authority=state.authority, reason=reason)
        if not waiting.is_approved:
            name = " ".join(approved_by.split())
            if needs_second and name in ("", waiting.handed_in_by_name):
                raise PublicationBlocked(
                    f"{waiting.handed_in_by_name} đã trình kỳ này, chưa ai duyệt. Hãy duyệt ở "
                    "trang quản trị, hoặc ghi tên người duyệt, là một người khác: --approved-by."
                )
            approver = Actor(OPERATOR.id, f"{name} (duyệt qua dòng lệnh)") if name else OPERATOR
            rights = {"authority": state.authority, "require_second_person": needs_second}
            approve(session, report, approver, **rights)
        release = publish_approved(session, waiting)
    if release is None:
        raise PublicationBlocked("Nội dung đã khác lúc duyệt nên chưa công bố: hãy trình lại.")
    click.echo(f"Đã công bố {period} lần {release.number}, mã số {release.digest[:12]}.")
    click.echo(f"Trình: {waiting.handed_in_by_name}. Duyệt: {waiting.decided_by_name}.")


@group.command("publish-due")
def publish_due_reports() -> None:
    """Công bố những kỳ đã duyệt và đã tới giờ hẹn; đặt vào bộ hẹn giờ, mỗi phút một lần."""
    session = get_state().session
    refused = False
    for slug, became in publish_due(session, utc_now()):
        if isinstance(became, CchcError):
            refused = True
            click.echo(f"Chưa công bố được {slug}: {became}", err=True)
        elif became is None:
            click.echo(f"{slug}: nội dung đã khác lúc duyệt nên duyệt hết hiệu lực; hãy trình lại.")
        else:
            click.echo(f"Đã công bố {slug} lần {became.number}.")
    at = next_due(session)
    click.echo(f"Kỳ hẹn tiếp theo: {clock_text(at)}." if at else "Không còn kỳ nào hẹn giờ.")
    if refused:
        raise SystemExit(1)


@group.command("accept-clock")
@click.option("--reason", required=True, help="Vì sao giờ trước đây sai; ghi vào nhật ký.")
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
def accept_wrong_clock(reason: str, yes: bool) -> None:
    """Ghi nhận giờ máy chủ bây giờ mới đúng, sau khi có lần công bố mang giờ ở tương lai."""
    if not yes:
        click.confirm(f"Bây giờ là {clock_text(utc_now())}, đúng không?", abort=True)
    with committed() as session:
        ahead = accept_clock(session, OPERATOR, reason)
    if ahead is None:
        click.echo("Giờ máy chủ không chậm hơn lần công bố nào; không cần ghi gì.")
    else:
        click.echo(f"Đã ghi nhận: các lần công bố tới {clock_text(ahead)} mang giờ sai.")


@group.group("import")
def import_group() -> None:
    """Nhập từ tệp."""


@import_group.command("procedures")
@click.argument("files", type=FILE, nargs=-1, required=True)
def import_procedures(files: tuple[Path, ...]) -> None:
    """Nhập danh mục thủ tục từ .csv, .xlsx, .xls, .ods, hoặc nhiều tệp ChiTietTTHC_<mã>.docx."""
    with committed() as session:
        found = [(file.name, file.read_bytes()) for file in files]
        _summary, words = import_files(session, found, OPERATOR)
    click.echo(words)


@import_group.command("sheet")
@click.argument("period")
@click.argument("table")
@click.argument("file", type=FILE)
@click.option("--edition", default="", help="Mẫu của biểu; trống: mẫu đang dùng của kỳ.")
@click.option("--answer", "answers", multiple=True, metavar="ID=GIÁ_TRỊ", help="Trả lời câu hỏi.")
@click.option("--save", is_flag=True, hidden=True, help="Không còn cần: xem --answer.")
@click.option("--dry-run", is_flag=True, help="Chỉ đọc, không lưu; kỳ chưa cần mở.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả đọc dạng JSON (cchc-reading/1).")
def import_one_sheet(
    period: str,
    table: str,
    file: Path,
    edition: str,
    answers: tuple[str, ...],
    *,
    dry_run: bool,
    as_json: bool,
    save: bool,
) -> None:
    """Nhập một biểu của một kỳ, ví dụ: import sheet 2023-6-thang ho-so ho-so.docx.

    TABLE là mã biểu hoặc auto. Tệp .tsv, .txt là nội dung dán; .html là bảng nhớ tạm (clipboard).
    Thoát 0: đọc xong; 3: còn câu hỏi (chưa lưu gì); 4: không đọc được.
    """
    del save
    session = get_state().session
    report = None if dry_run else get_report(session, period)
    with suppress(DBAPIError):  # a dry run needs no period, nor a database
        report = report or find_report(session, period)
    given = dict(answer.partition("=")[::2] for answer in answers)
    try:
        document = open_source(file.read_bytes(), file.name)
        reading = _read_for(report, period, (table, edition), document, given)
    except ImportRejected as error:
        reading = refused(str(error), table)
    if as_json:
        click.echo(json.dumps(report_json(reading), ensure_ascii=False))
    else:
        _print_reading(reading)
    sheet = reading.sheet if reading.outcome == READ else None
    if sheet and report is not None and not dry_run:
        with committed():
            version = sheet_version(report, reading.table)
            save_sheet(session, report, sheet, version=version, actor=OPERATOR)
        click.echo(f"Đã lưu {len(sheet.rows)} dòng vào {period}/{reading.table}.", err=as_json)
    raise SystemExit(EXIT_CODES[reading.outcome])


def _read_for(
    report: Report | None,
    period: str,
    asked: tuple[str, str],  # code and edition of the table
    document: Document,
    answers: Mapping[str, str],
) -> Reading:
    parsed, (table, edition) = parse_period(period), asked
    if parsed is None:
        raise NotFound(f"Không có kỳ «{period}».")
    in_force = forms_for(report.data_to if report else parsed.preset_window[1])
    stored = get_sheet(report, in_force[0].code if table == AUTO else table) if report else None

    def remembered(code: str, fingerprint: str) -> Mapping[str, str]:
        with suppress(DBAPIError):
            return find_answers(get_state().session, code, fingerprint)
        return {}

    known = [row.label for row in stored.rows] if stored else []
    context = Context(known, answers, remembered, period, stored)
    if table == AUTO:
        return read_auto(document, in_force, context)
    edition = edition or (stored.edition if stored else "")
    current = next((form for form in in_force if form.code == table and not edition), None)
    return read_source(document, current or get_form(table, edition or None), context)


def _print_reading(reading: Reading) -> None:
    for words in reading.told:
        click.echo(f"đọc là: {words}")
    for words in reading.problems:
        click.echo(f"CẦN XEM: {words}")
    for question in reading.questions:
        options = "; ".join(f"{value} = {words}" for value, words in question.options)
        click.echo(f"HỎI {question.id}: {question.text} [{options}]")
    if reading.questions:
        click.echo("Chưa lưu gì. Trả lời bằng --answer ID=GIÁ_TRỊ, mỗi câu một lần.")


@group.group("period")
def period_group() -> None:
    """Kỳ báo cáo."""


@period_group.command("open")
@click.argument("period")
def open_period(period: str) -> None:
    """Mở một kỳ, ví dụ: period open 2023-6-thang."""
    parsed = parse_period(period)
    if parsed is None:
        raise click.ClickException(f"Không có kỳ «{period}»; ví dụ: 2023-6-thang, 2023-quy-2.")
    with committed() as session:
        create_report(session, parsed, OPERATOR)
    click.echo(f"Đã mở kỳ {parsed.slug}.")


@group.command("withdraw")
@click.argument("period")
@click.option("--reason", required=True, help="Lý do thu hồi, được công khai.")
def withdraw(period: str, reason: str) -> None:
    """Thu hồi số liệu đã công bố của một kỳ."""
    authority = get_state().authority
    with committed() as session:
        release = withdraw_period(session, period, OPERATOR, reason, authority=authority)
    click.echo(f"Đã thu hồi {period} lần {release.number}.")
