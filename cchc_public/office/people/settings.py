"""Shows the effective ``CCHC_*`` configuration to administrators; it is changed on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from cchc_public.config import KEYS
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.state import get_state


@dataclass(frozen=True)
class Setting:
    """One key with its value in words."""

    name: str
    value: str
    help: str
    is_default: bool


def register_settings_routes(blueprint: Blueprint) -> None:
    """Add the page of the settings."""
    blueprint.add_url_rule("/thiet-lap", "settings", show_settings)


@requires("administer")
def show_settings() -> ResponseReturnValue:
    """List every key, its value and what it is for."""
    return render_template("cchc/office/settings.html", settings=list_settings())


def list_settings() -> tuple[Setting, ...]:
    """Return the effective settings in the order of the table of keys."""
    config = get_state().config
    return tuple(
        Setting(
            key.full_name,
            value_text(key.name, config[key.name]),
            key.help,
            config[key.name] == key.default,
        )
        for key in KEYS
    )


def value_text(name: str, value: Any) -> str:
    """Return a value in words; a database address without its password."""
    if name == "DATABASE_URL" and value:
        try:
            return make_url(value).render_as_string(hide_password=True)
        except ArgumentError:
            return _("(không hiển thị)")
    if isinstance(value, bool):
        return _("bật") if value else _("tắt")
    if isinstance(value, tuple | list):
        return " ".join(str(part) for part in value) or _("(trống)")
    return str(value) if value not in ("", None) else _("(trống)")
