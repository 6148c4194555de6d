"""The built wheel, in an empty environment outside the checkout, serves the same site."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_wheel_holds_templates_migrations_fonts_and_demo(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "cchc_public/templates/cchc/layout.html",
        "cchc_public/translations/en/LC_MESSAGES/cchc_public.po",
        "cchc_public/migrations/versions/0001_core.py",
        "cchc_public/static/cchc.css",
        "cchc_public/demo/commune.toml",
        "cchc_public/demo/kim-thach-2023-h1/dossiers.csv",
        "cchc_public/demo/procedures.csv",
        "cchc_public/office/trail.csv",
        "cchc_public/accounts/messages.csv",
        "cchc_public/tables/dossiers.toml",
        "cchc_public/py.typed",
    ):
        assert needed in names
    assert any(name.startswith("cchc_public/static/fonts/Tinos") for name in names)
    outside = ("tests/", "templates/", "translations/", "wsgi")
    assert not any(name.startswith(outside) for name in names)


@pytest.fixture(scope="module")
def empty_environment(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    python = folder / "venv" / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")  # pip does the same in test_make_run.py, slowly
    for command in (
        ["venv", "--python", sys.executable, folder / "venv"],
        ["pip", "install", "--python", python, f"{wheel}[site]"],
    ):
        subprocess.run([uv, *command], check=True, capture_output=True)
    return folder, python


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url):
    for _ in range(480):
        try:
            with urllib.request.urlopen(url) as answer:  # noqa: S310 our own server on loopback
                return answer.read().decode()
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{url} did not answer")


def test_wheel_outside_the_checkout_serves_the_demo(empty_environment):
    folder, python = empty_environment
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CCHC_INSTANCE_PATH": str(folder / "instance"),
    }
    cchc = python.with_name("cchc")
    for command in (["db", "upgrade"], ["demo"]):
        subprocess.run(
            [cchc, *command], cwd=folder, env=environment, check=True, capture_output=True
        )
    port = free_port()
    server = subprocess.Popen(
        [cchc, "serve", "--port", str(port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        overview = wait_for(f"http://127.0.0.1:{port}/")
        table = wait_for(f"http://127.0.0.1:{port}/ky/2023-6-thang/ho-so")
        assert "6 tháng đầu năm 2023" in overview
        assert re.search(r">\s*692\s*<", table)
        assert "khai sinh" in wait_for(f"http://127.0.0.1:{port}/thu-tuc?q=khai+sinh").lower()
    finally:
        server.terminate()
        server.wait(timeout=10)
