"""Lets a view stand beside its address: collected in its module, added when an app is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint

View = TypeVar("View", bound=Callable[..., Any])


class Routes:
    """The addresses of one module; ``@routes("/ky/<slug>", "period")`` notes one."""

    def __init__(self) -> None:
        """Begin without any."""
        self._noted: list[tuple[str, str, Any, Sequence[str]]] = []

    def __call__(
        self, rule: str, endpoint: str, methods: Sequence[str] = ("GET",)
    ) -> Callable[[View], View]:
        """Note the address of the view below; it is served once an app asks for this module."""

        def note(view: View) -> View:
            self._noted.append((rule, endpoint, view, methods))
            return view

        return note

    def add_to(self, blueprint: Blueprint) -> None:
        """Serve everything noted here under ``blueprint``."""
        for rule, endpoint, view, methods in self._noted:
            blueprint.add_url_rule(rule, endpoint, view, methods=methods)
