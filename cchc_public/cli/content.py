"""``cchc import``, ``check``, ``publish``: reports and lists without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from cchc_public.checks.finding import Finding, Severity
from cchc_public.cli.frame import OPERATOR, CchcGroup
from cchc_public.importers.procedures import import_file
from cchc_public.importers.sheet_csv import import_sheet
from cchc_public.reports.drafting import get_report
from cchc_public.reports.publishing import next_due, publish_due
from cchc_public.reports.publishing import publish as publish_report
from cchc_public.reports.review import find_findings, reasons_by_key
from cchc_public.reports.sheets import get_sheet, save_sheet, sheet_version
from cchc_public.state import get_state
from cchc_public.store.clock import clock_text, utc_now
from cchc_public.tables.registry import get_form

import_group = CchcGroup("import", help="Nhập từ tệp.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_NUMBER = re.compile(r"[0-9][0-9.]*(?:,[0-9]+)?")
_WORDS = {Severity.ERROR: "LỖI", Severity.WARNING: "cảnh báo", Severity.INFO: "thông tin"}


@click.command("check")
@click.argument("period")
@click.option("--json", "as_json", is_flag=True, help="In các điều tìm thấy dạng JSON.")
@with_appcontext
def check(period: str, as_json: bool) -> None:
    """Soát một kỳ (ví dụ 2023-6-thang); thoát 1 khi còn lỗi."""
    session = get_state().session
    report = get_report(session, period)
    reasons = reasons_by_key(report)
    findings = find_findings(session, report)
    errors = sum(f.severity is Severity.ERROR and f.blocks(reasons) for f in findings)
    if as_json:
        listed = [as_data(finding, answered=finding.key in reasons) for finding in findings]
        document = {"schema": "cchc-check/1", "period": period, "findings": listed}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(describe(finding, answered=finding.key in reasons))
        click.echo(f"{len(findings)} điều tìm thấy, {errors} lỗi.")
    if errors:
        raise SystemExit(1)


def as_data(finding: Finding, *, answered: bool) -> dict[str, Any]:
    """Return one finding for programs; ``numbers`` are the figures it compares, found first."""
    written = f"{finding.found} | {finding.expected}"
    numbers = [text.replace(".", "").replace(",", ".") for text in _NUMBER.findall(written)]
    return {
        "code": finding.rule,
        "severity": finding.severity.value,
        "table": finding.table,
        "row": finding.row,
        "quantity": finding.column,
        "message": finding.message,
        "numbers": [float(text) if "." in text else int(text) for text in numbers],
        "found": finding.found,
        "expected": finding.expected,
        "answered": answered,
    }


def describe(finding: Finding, *, answered: bool) -> str:
    """Return one finding as one line."""
    place = "/".join(part for part in (finding.table, finding.row, finding.column) if part)
    mark = " (đã có lý do)" if answered else ""
    return f"[{_WORDS[finding.severity]}] {finding.rule} {place}{mark}: {finding.message}"


@click.command("publish")
@click.argument("period")
@click.option("--reason", default="", help="Lý do, bắt buộc khi đính chính.")
@with_appcontext
def publish(period: str, reason: str) -> None:
    """Công bố một kỳ, hoặc đính chính kỳ đã công bố."""
    state = get_state()
    report = get_report(state.session, period)
    release = publish_report(
        state.session,
        report,
        OPERATOR,
        authority=state.authority,
        require_second_person=state.config["REQUIRE_SECOND_PERSON"],
        reason=reason,
    )
    state.session.commit()
    click.echo(f"Đã công bố {period} lần {release.number}, mã số {release.digest[:12]}.")


@click.command("publish-due")
@with_appcontext
def publish_due_reports() -> None:
    """Công bố những kỳ đã duyệt và đã tới giờ hẹn; đặt vào bộ hẹn giờ, mỗi phút một lần."""
    session = get_state().session
    for release in publish_due(session, utc_now()):
        click.echo(f"Đã công bố {release.period_slug} lần {release.number}.")
    session.commit()
    at = next_due(session)
    click.echo(f"Kỳ hẹn tiếp theo: {clock_text(at)}." if at else "Không còn kỳ nào hẹn giờ.")


@import_group.command("procedures")
@FILE
def import_procedures(file: Path) -> None:
    """Nhập danh mục thủ tục từ .csv, .xlsx, .xls, .ods."""
    session = get_state().session
    summary = import_file(session, file.read_bytes(), file.name, OPERATOR)
    session.commit()
    click.echo(summary)


@import_group.command("sheet")
@click.argument("period")
@click.argument("table")
@FILE
@click.option("--edition", default="", help="Phiên bản biểu; trống: phiên bản đang dùng của kỳ.")
@click.option("--save", is_flag=True, help="Lưu cả khi còn chỗ cần người xem lại.")
def import_one_sheet(period: str, table: str, file: Path, edition: str, save: bool) -> None:
    """Nhập một biểu của một kỳ, ví dụ: import sheet 2023-6-thang ho-so ho-so.csv."""
    session = get_state().session
    report = get_report(session, period)
    definition = get_form(table, edition or get_sheet(report, table).edition)
    read = import_sheet(definition, file.read_bytes(), file.name)
    for note in read.readings:
        click.echo(f"đọc là: {note.message}")
    for note in read.problems:
        click.echo(f"CẦN XEM: {note.message}")
    if read.problems and not save:
        raise click.ClickException("Chưa lưu gì. Sửa tệp, hoặc thêm --save rồi sửa trên màn hình.")
    version = sheet_version(report, table)
    save_sheet(session, report, read.sheet, version=version, actor=OPERATOR)
    session.commit()
    click.echo(f"Đã lưu {len(read.sheet.rows)} dòng vào {period}/{table}.")
