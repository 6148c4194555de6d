import os
import stat
import threading

import pytest
from sqlalchemy import text

from cchc_public.errors import ConfigError
from cchc_public.site import choose_database_url, create_app, find_instance_folder, read_secret_key

alone = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]


def only_alone(test):
    for mark in alone:
        test = mark(test)
    return test


def build(tmp_path, **config):
    return create_app({"CCHC_INSTANCE_PATH": str(tmp_path), **config})


@pytest.mark.parametrize("path", ["/", "/ky", "/thu-tuc", "/quan-tri/dang-nhap", "/khong-co-dau"])
@only_alone
def test_every_answer_carries_the_security_headers(citizen, path):
    headers = citizen.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    secure = citizen.get(path, base_url="https://localhost").headers
    assert "max-age" in secure["Strict-Transport-Security"]


@only_alone
def test_an_unknown_address_is_answered_in_our_frame(citizen):
    page = citizen.get("/khong-co-dau")
    assert page.status_code == 404
    assert "Không có trang này" in page.text


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_a_crash_is_answered_calmly_and_tells_no_secret(build_app):
    app = build_app("standalone", TESTING=False)

    @app.route("/no")
    def crash():
        raise RuntimeError("mật khẩu cơ sở dữ liệu là 1234")

    page = app.test_client().get("/no")
    assert page.status_code == 500
    assert "Số liệu đã lưu không mất" in page.text
    assert "1234" not in page.text


@only_alone
def test_an_upload_that_is_too_big_is_refused_early(build_app):
    app = build_app("standalone", CCHC_UPLOAD_MAX_BYTES=1000)
    data = {"email": "x" * 600_000, "password": "x"}
    page = app.test_client().post("/quan-tri/dang-nhap", data=data)
    assert page.status_code == 413
    assert "quá lớn" in page.text


@only_alone
def test_sqlite_is_prepared_for_many_readers_and_sudden_ends(app):
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert values == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "synchronous": 2,
    }


def test_the_secret_is_made_once_for_its_owner_only(tmp_path):
    keys = []
    threads = [
        threading.Thread(target=lambda: keys.append(read_secret_key(tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert read_secret_key(tmp_path) == keys[0]


def test_an_empty_secret_stops_the_start(tmp_path):
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(ConfigError, match="secret-key"):
        build(tmp_path)


def test_settings_come_from_file_then_environment_then_argument(tmp_path, monkeypatch):
    (tmp_path / "cchc.toml").write_text(
        'CCHC_PLACE = "từ tệp"\nCCHC_AUTHORITY_NAME = "từ tệp"\nCCHC_AUTHORITY_CODE = "từ tệp"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("CCHC_AUTHORITY_NAME", "từ môi trường")
    monkeypatch.setenv("CCHC_AUTHORITY_CODE", "từ môi trường")
    app = build(tmp_path, CCHC_AUTHORITY_CODE="từ tham số")
    assert app.config["CCHC_PLACE"] == "từ tệp"
    assert app.config["CCHC_AUTHORITY_NAME"] == "từ môi trường"
    assert app.config["CCHC_AUTHORITY_CODE"] == "từ tham số"


def test_an_unreadable_settings_file_stops_the_start(tmp_path):
    (tmp_path / "cchc.toml").write_text("CCHC_PLACE = Kim Thạch", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cchc\.toml"):
        build(tmp_path)


def test_an_unknown_environment_key_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("CCHC_DATABSE_URL", "sqlite://")
    with pytest.raises(ConfigError, match="CCHC_DATABASE_URL"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("chosen", "environment", "expected"),
    [
        ("", {}, "sqlite:////data/cchc.sqlite"),
        ("", {"DATABASE_URL": "postgres://u:p@h/d"}, "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d", {"DATABASE_URL": "sqlite://"}, "postgresql+psycopg://h/d"),
        ("postgresql+psycopg://h/d", {}, "postgresql+psycopg://h/d"),
        ("sqlite:////x.sqlite", {}, "sqlite:////x.sqlite"),
    ],
)
def test_the_database_is_chosen(tmp_path, chosen, environment, expected):
    from pathlib import Path

    assert choose_database_url(chosen, environment, Path("/data")) == expected


def test_the_instance_folder_is_private(tmp_path):
    folder = find_instance_folder(str(tmp_path / "a" / "b"))
    assert folder.is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


def test_cookies_are_for_https_only_when_the_address_says_so(tmp_path):
    app = build(tmp_path, CCHC_CANONICAL_URL="https://kimthach.gov.vn")
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["REMEMBER_COOKIE_SECURE"]


def test_only_as_many_proxies_are_believed_as_configured(tmp_path):
    def seen(count):
        app = build(tmp_path, CCHC_TRUSTED_PROXIES=count)
        app.add_url_rule("/ai", "who", lambda: __import__("flask").request.remote_addr)
        forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.2"}
        return app.test_client().get("/ai", headers=forged).text

    assert seen(0) == "127.0.0.1"
    assert seen(1) == "198.51.100.2"
    assert seen(2) == "203.0.113.9"


def test_a_commune_overrides_one_page_by_a_file(tmp_path):
    own = tmp_path / "templates" / "cchc" / "errors"
    own.mkdir(parents=True)
    (own / "problem.html").write_text("của riêng xã", encoding="utf-8")
    app = build(tmp_path)
    assert app.test_client().get("/khong-co").text == "của riêng xã"


@only_alone
def test_a_copy_that_only_shows_has_no_page_to_sign_in(build_app):
    app = build_app("standalone", CCHC_ENABLE_STAFF=False)
    assert app.test_client().get("/quan-tri/dang-nhap").status_code == 404
    listed = app.test_cli_runner().invoke(args=["cchc", "user", "list"])
    assert "can-bo@kimthach.example" in listed.output


@only_alone
def test_pages_are_compressed_for_whoever_asks(citizen):
    plain = citizen.get("/quan-tri/dang-nhap")
    small = citizen.get("/quan-tri/dang-nhap", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.data)


def test_wsgi_builds_the_site(tmp_path, monkeypatch):
    import importlib

    monkeypatch.setenv("CCHC_INSTANCE_PATH", str(tmp_path))
    module = importlib.import_module("wsgi")
    assert module.app.instance_path == str(tmp_path)
    assert os.path.exists(tmp_path / "secret-key")
