"""What the fixed forms of the office share: our Vietnamese messages, days as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import DataRequired, Length

from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.text import clean_text


def as_choices(options: Mapping[Any, Any]) -> Any:
    """Return words by value, or such mappings by group, in the shape this WTForms wants.

    The newest takes them as they are and warns of pairs; those before 3.3 take pairs only.
    """
    if hasattr(SelectFieldBase, "_is_shorthand_dict"):
        return options
    grouped = {
        label: list(words.items()) for label, words in options.items() if isinstance(words, Mapping)
    }
    return grouped or list(options.items())


class OfficeForm(FlaskForm):  # type: ignore[misc]
    """A form without a token of its own: every office form carries ``cchc_form_fields()``."""

    class Meta:
        """The blueprint's guard checks the token, in a host and alone."""

        csrf = False


def needed() -> DataRequired:
    """Require the field, in our words."""
    return DataRequired("Xin điền chỗ này.")


def at_most(count: int) -> Length:
    """Limit the field's length, in our words."""
    return Length(max=count, message=f"Dài quá {count} chữ.")


def clean_words(value: str | None) -> str:
    """Free what was typed from hidden characters: a filter for fields of words."""
    return clean_text(value or "")


class DayField(StringField):  # type: ignore[misc]
    """A day as people write it: 12/6/2023; ``day`` is None while it cannot be read."""

    @property
    def day(self) -> date | None:
        """Return the day that was typed."""
        found = read_date(self.data or "")
        return found if isinstance(found, date) else None


def readable_day(form: OfficeForm, field: DayField) -> None:
    """Refuse what is not a day of the calendar."""
    if field.data and field.day is None:
        raise ValidationError("Không đọc được ngày này. Xin viết ngày/tháng/năm, ví dụ 12/06/2026.")
