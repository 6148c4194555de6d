"""cchc_public: a Vietnamese commune publishes its administrative procedures and reform figures."""

from cchc_public.extension import CchcPublic

__all__ = ["CchcPublic", "__version__"]
__version__ = "0.1.0"
