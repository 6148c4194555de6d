"""``python -m tests.faults``: every fault once, counts printed; a few minutes on two cores."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import DATABASES, Databases
from tests.faults import interruptions, serving, writing


def main() -> None:
    """Run everything; nothing is asserted, the counts speak."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        databases = Databases(folder)
        try:
            for kind in DATABASES:
                with databases.filled(kind, folder) as url:
                    for count in (
                        writing.count_killed_saves,
                        writing.count_races,
                        writing.count_double_publications,
                    ):
                        print(f"{kind}: {count(url)}", flush=True)
            run_sites(databases, folder)
        finally:
            databases.stop()


def run_sites(databases: Databases, folder: Path) -> None:
    """Run what needs a server."""
    with databases.filled("postgresql", folder) as url:
        for line in serving.count_stopped_database(databases.server, url, folder / "pg"):
            print(f"postgresql: {line}", flush=True)
        (folder / "pg2").mkdir()
        print(f"postgresql: {serving.count_killed_publications(url, folder / 'pg2')}", flush=True)
        print(f"postgresql: {serving.count_corrections(url, folder / 'pg2')}", flush=True)
    for line in serving.count_full_disk(folder / "small"):
        print(line, flush=True)
    alone = folder / "alone"
    alone.mkdir()
    with databases.filled("sqlite", alone) as url:
        serving.fill(url)
        print(f"sqlite: {serving.count_killed_publications(url, alone)}", flush=True)
        print(f"sqlite: {serving.count_corrections(url, alone)}", flush=True)
        print(serving.count_idle(alone), flush=True)
        print(serving.count_restarts(alone), flush=True)
        print(serving.count_file_removed(alone), flush=True)
    shutil.rmtree(alone, ignore_errors=True)
    print(interruptions.count_interruptions(folder / "typing"), flush=True)


if __name__ == "__main__":
    main()
