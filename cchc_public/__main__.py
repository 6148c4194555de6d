"""The console script ``cchc``: the commands of ``flask cchc``, on the stand-alone site."""

from __future__ import annotations

from flask.cli import ScriptInfo

from cchc_public.cli import group
from cchc_public.site import create_app


def main() -> None:
    """Run one command; the site is built only when the command needs it (``--help`` does not)."""
    group.main(prog_name="cchc", obj=ScriptInfo(create_app=create_app))


if __name__ == "__main__":
    main()
