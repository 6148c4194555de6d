"""Carries a record into the database rows and back; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cchc_public.procedures.record import (
    OPTIONAL_TEXTS,
    Basis,
    Channel,
    ChannelKind,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
)
from cchc_public.procedures.wording import fee_classes, stated
from cchc_public.store import (
    LegalBasis,
    LocalFeeExemption,
    Procedure,
    ProcedureChannel,
    ProcedureComponent,
    ProcedureField,
    ProcedureStep,
)
from cchc_public.vietnamese.fold import search_key

# Columns of the same name and meaning in record and row.
_PLAIN = (
    "in_force_from",
    "amended_on",
    "repealed_on",
    "decision_on",
    "received_here",
    "decided_here",
    "is_posted",
    "online_words",
    "source_on",
)


def read_record(row: Procedure) -> ProcedureRecord:
    """Return the values of a procedure's row and of the rows that belong to it."""
    values: dict[str, Any] = {key: getattr(row, key) or "" for key in OPTIONAL_TEXTS}
    values |= {key: getattr(row, key) for key in _PLAIN}
    return ProcedureRecord(
        code=row.code,
        name=row.name,
        field=row.field.name,
        status=ProcedureStatus(row.status),
        online_level=OnlineLevel(row.online_level) if row.online_level else None,
        channels=tuple(_read_channel(channel) for channel in row.channels),
        components=tuple(_read_component(component) for component in row.components),
        steps=tuple(step.text for step in row.steps),
        legal_bases=tuple(_read_basis(basis) for basis in row.legal_bases),
        exemptions=tuple(_read_exemption(exemption) for exemption in row.exemptions),
        **values,
    )


def write_record(row: Procedure, record: ProcedureRecord, field: ProcedureField) -> None:
    """Set every column of ``row``, the folded ones too; replace parts only when they differ."""
    for key in OPTIONAL_TEXTS:
        setattr(row, key, getattr(record, key) or None)  # NULL stands for "not stated"
    for key in (*_PLAIN, "code", "name"):
        setattr(row, key, getattr(record, key))
    row.field = field
    row.status = record.status.value
    row.online_level = record.online_level.value if record.online_level else None
    row.fee_classes = fee_classes(record.channels)
    row.name_folded = search_key(record.name)
    row.text_folded = search_key(_searched_text(record))
    _replace(row.channels, record.channels, _read_channel, _write_channel)
    _replace(row.components, record.components, _read_component, _write_component)
    _replace(row.steps, record.steps, lambda step: step.text, _write_step)
    _replace(row.legal_bases, record.legal_bases, _read_basis, _write_basis)
    _replace(row.exemptions, record.exemptions, _read_exemption, _write_exemption)


def _searched_text(record: ProcedureRecord) -> str:
    papers = (f"{item.name} {item.form}" for item in record.components)
    parts = (record.keywords, record.target_group, record.result, record.conditions, *papers)
    return " ".join(parts)


def _replace(
    rows: list[Any],
    values: Sequence[Any],
    read: Callable[[Any], Any],
    write: Callable[[int, Any], Any],
) -> None:
    if [read(row) for row in rows] != list(values):
        rows[:] = [write(position, value) for position, value in enumerate(values)]


def _read_channel(row: ProcedureChannel) -> Channel:
    return Channel(
        ChannelKind(row.kind),
        row.time_absence if row.time_limit is None else row.time_limit,
        row.fee_absence if row.fee is None else row.fee,
        row.note or "",
    )


def _write_channel(position: int, value: Channel) -> ProcedureChannel:
    time_limit, fee = stated(value.time_limit), stated(value.fee)
    return ProcedureChannel(
        position=position,
        kind=value.kind.value,
        time_limit=time_limit,
        time_absence=value.time_limit if time_limit is None else "",
        fee=fee,
        fee_absence=value.fee if fee is None else "",
        note=value.note or None,
    )


def _read_component(row: ProcedureComponent) -> Component:
    return Component(row.name, row.form or "", row.originals, row.copies, row.case_label or "")


def _write_component(position: int, value: Component) -> ProcedureComponent:
    return ProcedureComponent(
        position=position,
        name=value.name,
        form=value.form or None,
        originals=value.originals,
        copies=value.copies,
        case_label=value.case or None,
    )


def _write_step(position: int, value: str) -> ProcedureStep:
    return ProcedureStep(position=position, text=value)


def _read_basis(row: LegalBasis) -> Basis:
    return Basis(row.number, row.title or "", row.issued_on, row.issued_by or "")


def _write_basis(position: int, value: Basis) -> LegalBasis:
    return LegalBasis(
        position=position,
        number=value.number,
        title=value.title or None,
        issued_on=value.issued_on,
        issued_by=value.issued_by or None,
    )


def _read_exemption(row: LocalFeeExemption) -> Exemption:
    return Exemption(
        row.beneficiary, row.amount or "", row.document_number, row.valid_from, row.valid_to
    )


def _write_exemption(position: int, value: Exemption) -> LocalFeeExemption:
    return LocalFeeExemption(
        position=position,
        beneficiary=value.beneficiary,
        amount=value.amount or None,
        document_number=value.document_number,
        valid_from=value.valid_from,
        valid_to=value.valid_to,
    )
