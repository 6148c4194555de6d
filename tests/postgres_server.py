"""A throw-away PostgreSQL for the tests: own folder, own socket, no network, gone afterwards."""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

import psycopg

NEEDED = ("initdb", "pg_ctl")
# A file system in memory with room for all workers; None where there is no such place.
SHARED = Path("/dev/shm")  # noqa: S108
MEMORY = (
    str(SHARED)
    if os.access(SHARED, os.W_OK) and shutil.disk_usage(SHARED).free > 4_000_000_000
    else None
)
# a server may crash here (see pause), but its machine may not lose its power
OPTIONS = (
    "-c listen_addresses='' -c max_connections=100 -c fsync=off -c full_page_writes=off"
    " -c autovacuum=off"
)


def find_binaries() -> Path | None:
    """Return the folder of initdb and pg_ctl, None when PostgreSQL is not installed."""
    on_path = shutil.which("pg_ctl")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in NEEDED):
            return folder
    return None


class PostgresServer:
    """Starts on creation; ``create_database`` gives an empty database each time."""

    _numbers = itertools.count()  # of all databases that this process makes

    def __init__(self, binaries: Path, started: Path | None = None) -> None:
        """Start a server, or speak to the one that another worker ``started`` in that folder."""
        self._binaries = binaries
        if started:
            self.folder = started
            return
        # Short and outside pytest's folder: a socket path has about 100 letters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="cchc-pg-", dir=MEMORY))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        self.resume()

    def resume(self) -> None:
        """Start the server."""
        options = f"-k {self.folder} {OPTIONS}"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options,
                  "-l", str(self.folder / "log"), "start")  # fmt: skip

    def pause(self) -> None:
        """Stop the server as a crash would; its data stay."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def create_database(self, template: str = "template1") -> str:
        """Create a database, empty or as a copy, and return its URL for SQLAlchemy."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{self._strategy}')
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def drop_database(self, name: str) -> None:
        """Drop a database, also under the feet of a forgotten connection."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    @cached_property
    def _strategy(self) -> str:
        # files copied as they are: newer servers would write the whole copy into their log first
        version = subprocess.check_output([self._binaries / "postgres", "--version"], text=True)
        return " STRATEGY FILE_COPY" if int(re.findall(r"\d+", version)[0]) >= 15 else ""

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.pause()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root, e.g. in a container.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*prefix, str(self._binaries / name), *arguments]
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=self.folder)
