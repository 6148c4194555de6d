"""Fills the templates that become paper; Vietnamese by law, so nothing here is translated."""

from __future__ import annotations

import hashlib
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cchc_public.exports.pdf import FONT_FACES, FONT_FOLDER, font_face_css
from cchc_public.paths import find_folder


@cache
def default_environment() -> Environment:
    """Return our own templates, for callers without an app (CLI, tests)."""
    loader = FileSystemLoader(find_folder("templates"))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def fill_template(name: str, environment: Environment | None = None, **context: object) -> str:
    """Return ``cchc/report/<name>`` filled in; an app's environment lets the host override it."""
    template = (environment or default_environment()).get_template(f"cchc/report/{name}")
    # our own constant text: escaping would spoil the style sheet
    return template.render(font_faces=Markup(font_face_css()), **context)  # noqa: S704


def layout_stamp(environment: Environment | None = None) -> str:
    """Return a hash over printed templates and fonts: a kept PDF of another layout is stale.

    Templates are read through ``environment``, so that a host's own letterhead counts too.
    """
    environment = environment or default_environment()
    folder = find_folder("templates")
    digest = hashlib.sha256(_fonts_digest())
    for path in sorted((folder / "cchc" / "report").iterdir()):
        name = path.relative_to(folder).as_posix()
        source = environment.loader.get_source(environment, name)[0] if environment.loader else ""
        digest.update(name.encode() + b"\0" + source.encode())
    return digest.hexdigest()[:12]


@cache
def _fonts_digest() -> bytes:
    fonts = (FONT_FOLDER / name for name, _weight, _style in FONT_FACES)
    return hashlib.sha256(b"".join(path.read_bytes() for path in fonts)).digest()
