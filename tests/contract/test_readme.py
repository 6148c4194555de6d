"""README tells the truth: its table of keys, its pictures, its commands."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cchc_public.config import KEYS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA = ROOT / "cchc_public" / "demo"
# What the commands of README find in the folder where its reader stands.
FILES = {
    "danh-muc.csv": DATA / "procedures.csv",
    "ho-so.docx": ROOT / "tests" / "data" / "reading" / "25-seed-dossiers.docx",
    "ho-so.csv": DATA / "kim-thach-2023-h1" / "dossiers.csv",
}
# Run elsewhere: `make test` is this very run, `make run` stands in tests/browser/test_make_run.py,
# and a pull needs a remote.
RUN_ELSEWHERE = {"make run", "make test", "git pull", '.venv/bin/pip install -e ".[site]"'}


def commands():
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL):
        yield from (line for line in block.splitlines() if line and not line.startswith("#"))


def config_rows():
    table = README.split("<!-- config -->")[1].split("<!-- /config -->")[0]
    return [line for line in table.strip().splitlines() if line]


def test_table_of_keys_is_complete_and_current():
    expected = [f"| `{k.full_name}` | `{describe(k.default)}` | {k.help} |" for k in KEYS]
    assert config_rows() == expected


def describe(default):
    return " ".join(default) if isinstance(default, tuple) else repr(default).replace("'", '"')


def test_pictures_exist_and_are_small():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for name in pictures:
        assert (ROOT / name).stat().st_size < 120_000, name


# imports the program once; each command then runs in a process of its own, as from a shell
SHELL = """
import json, os, sys
from cchc_public import __main__ as program, embed, office, public
for name in program.group.list_commands(None):
    program.group.get_command(None, name)
for line in sys.stdin:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    said = os.open("said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1), os.dup2(said, 2)
    sys.argv = json.loads(line)
    program.main()
"""


@pytest.fixture
def reader(demo_folder, tmp_path):
    """Stand where the reader stands: an installed package, an instance with the demo, files.

    Gives what runs a command and returns its exit code and what it said.
    """
    for name, source in FILES.items():
        shutil.copy(source, tmp_path / name)
    shutil.copytree(demo_folder / "instance", tmp_path / "instance")
    shell = subprocess.Popen(
        [sys.executable, "-c", SHELL],
        cwd=tmp_path,
        env={**os.environ, "CCHC_INSTANCE_PATH": str(tmp_path / "instance")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(command):
        print(json.dumps(shlex.split(command)), file=shell.stdin, flush=True)
        return int(shell.stdout.readline()), (tmp_path / "said").read_text(encoding="utf-8")

    with shell:
        yield run


def test_every_command_of_readme_runs(reader):
    failed = []
    for command in commands():
        if command in RUN_ELSEWHERE:
            continue
        assert shlex.split(command)[0] == "cchc", command
        code, said = reader(command)
        if code:
            failed.append(f"{command}\n{said}")
    assert not failed, "\n".join(failed)
