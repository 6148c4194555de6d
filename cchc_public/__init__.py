"""cchc_public: a Vietnamese commune publishes its administrative procedures and reform figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cchc_public.extension import CchcPublic
from cchc_public.migrations.host_filter import include_object
from cchc_public.store.actor import Actor

__all__ = ["Actor", "CchcPublic", "__version__", "include_object"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the extension when it is asked for: the reader of files needs nothing of Flask."""
    if name != "CchcPublic":
        raise AttributeError(name)
    from cchc_public.extension import CchcPublic

    return CchcPublic
