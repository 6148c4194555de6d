"""Turns away addresses that can belong to nothing, before any page looks them up."""

from __future__ import annotations

from itertools import chain

from flask import Blueprint, abort, request


def attach_door(blueprint: Blueprint) -> None:
    """Refuse hostile addresses of ``blueprint`` before its pages see them."""
    blueprint.before_request(refuse_impossible_address)


def refuse_impossible_address() -> None:
    """Answer 404 to a NUL in path or query: PostgreSQL and file systems fail on it."""
    if any("\x00" in word for word in chain((request.path,), *request.args.items(multi=True))):
        abort(404)
