"""Lighthouse's mobile scores of every kind of page that search engines find, median of five."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.servers import Connection, our_site

# the newest that Node 20 runs and that npm installs from a pin
PACKAGE = "lighthouse@12.2.3"
RUNS = int(os.environ.get("LIGHTHOUSE_RUNS", "5"))
KINDS = ("performance", "accessibility", "best-practices", "seo")
PAGES = (
    "/", "/thu-tuc", "/thu-tuc/1.001193", "/ky", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so",
    "/ky/2023-6-thang/nhiem-vu", "/hai-long", "/dinh-chinh", "/ve-so-lieu", "/mot-cua",
    "/tiep-cong-dan", "/nhung", "/en/", "/en/thu-tuc/1.001193", "/en/ky/2023-6-thang/ho-so",
)  # fmt: skip


def install() -> Path | None:
    """Return the program, installed beside our own environment; None where it cannot be had."""
    folder = Path(sys.prefix) / "lighthouse"
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            return None
        command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "-E", PACKAGE]
        folder.mkdir(exist_ok=True)
        done = subprocess.run([*command, "--prefix", str(folder)], capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            return None
    return program


def score(program: Path, address: str, target: Path) -> dict[str, int]:
    """Return the four scores of one run; once more where Chromium did not start."""
    chromium = shutil.which("chromium") or ""
    command = [str(program), address, "--quiet", "--output=json", f"--output-path={target}"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    environment = {**os.environ, "CHROME_PATH": chromium}
    for is_last in (False, True):
        done = subprocess.run(command, env=environment, capture_output=True, timeout=300)  # noqa: S603
        if not done.returncode or is_last:
            done.check_returncode()
            break
    categories = json.loads(target.read_text())["categories"]
    return {kind: round((categories[kind]["score"] or 0) * 100) for kind in KINDS}


def main() -> None:
    """Print the table that stands in the README."""
    program = install()
    if program is None:
        print(f"{PACKAGE} cannot be had here: no npm, or no package index")
        return
    print(f"{PACKAGE}, mobile, median of {RUNS}\n| page | {' | '.join(KINDS)} |")
    print(f"|---|{'---|' * len(KINDS)}")
    with TemporaryDirectory() as name, our_site(Path(name) / "instance") as port:
        for path in PAGES:
            Connection(port).get(path)  # readers meet a site that is awake
            target = Path(name) / "report.json"
            runs = [score(program, f"http://127.0.0.1:{port}{path}", target) for _ in range(RUNS)]
            medians = [round(statistics.median(run[kind] for run in runs)) for kind in KINDS]
            print(f"| `{path}` | {' | '.join(map(str, medians))} |", flush=True)


if __name__ == "__main__":
    main()
