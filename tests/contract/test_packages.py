import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "packages"
# programs of a Debian that knows some packages and has others
PROGRAMS = {
    "dpkg-query": 'for one; do :; done\n! grep -qx "$one" installed || echo "install ok installed"',
    "id": "echo 0",
    "apt-get": """\
[ "$1" = install ] || exit 0
for one; do case $one in -*|install) continue;; esac; grep -qx "$one" known || exit 100; done
for one; do case $one in -*|install) ;; *) echo "$one" >>installed;; esac; done""",
}


@pytest.mark.skipif(sys.platform == "win32", reason="a script for Debian")
@pytest.mark.parametrize(
    ("known", "before", "after"),
    [
        ("slim whole fonts", "", "slim fonts"),
        ("whole fonts", "", "whole fonts"),  # where the one cannot be had, all others still can
        ("fonts", "whole", "whole fonts"),
        ("", "slim fonts", "slim fonts"),
    ],
)
def test_missing_packages_are_installed_the_first_choice_or_the_other(
    tmp_path, known, before, after
):
    for name, lines in PROGRAMS.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        program.chmod(0o755)
    for name, packages in (("known", known), ("installed", before)):
        (tmp_path / name).write_text("".join(f"{one}\n" for one in packages.split()))
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    command = ["sh", str(SCRIPT), "slim,whole", "fonts"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PATH": path}, check=True)
    assert (tmp_path / "installed").read_text().split() == after.split()
