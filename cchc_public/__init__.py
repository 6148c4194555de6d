"""cchc_public: a Vietnamese commune publishes its administrative procedures and reform figures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cchc_public import signals
    from cchc_public.extension import CchcPublic
    from cchc_public.migrations.host_filter import include_object
    from cchc_public.store.base import Actor

__all__ = ["Actor", "CchcPublic", "__version__", "include_object", "signals"]
__version__ = "0.1.0"
_HOMES = {
    "Actor": "store.base",
    "CchcPublic": "extension",
    "include_object": "migrations.host_filter",
}


def __getattr__(name: str) -> Any:
    """Load what a host uses when it is asked for: the reader of files needs nothing of Flask."""
    if name == "signals":
        return import_module("cchc_public.signals")
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"cchc_public.{_HOMES[name]}"), name)
