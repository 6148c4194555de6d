"""One-time links by mail: handed to a real server, or shown where it does not take them."""

import email
import shutil
import socket
import ssl
import subprocess
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.hosts import PASSWORD, STAFF, sign_in_path
from tests.office_forms import fill, words
from tests.pages import read_inputs

pytestmark = [
    pytest.mark.hosts("standalone"),
    pytest.mark.databases("sqlite"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH"),  # nothing leaves this machine
]
PAGE = "/quan-tri/tai-khoan"
HOA = {"full_name": "Lê Thị Hoa", "email": "hoa@xa.vn", "role": "clerk"}


class Box:
    """Takes every message; keeps whom it was for and what it said."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=default)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 OK"


@pytest.fixture
def serve():
    """Start a mail server that wants a name and a password."""
    started = []

    def check(_server, _session, _envelope, _mechanism, data):
        is_known = (data.login, data.password) == (b"xa", b"m@t:khau")
        return AuthResult(success=is_known, handled=False)  # whoever is not known is told so

    def start(scheme="smtp", **options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            host, port = probe.getsockname()
        options = {"auth_require_tls": False, **options}
        running = Controller(Box(), host, port, authenticator=check, auth_required=True, **options)
        running.start()
        started.append(running)
        running.address = f"{scheme}://xa:m%40t%3Akhau@{host}:{port}"
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture
def certificate(tmp_path):
    """Make a certificate for this machine that nobody vouches for."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl here")
    file, key = tmp_path / "server.pem", tmp_path / "server.key"
    command = [program, "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=may-chu-thu", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return file, context


@pytest.fixture
def admin_of(build_app):
    def sign_in(url):
        app = build_app("standalone", CCHC_MAIL_URL=url, CCHC_MAIL_FROM="mot-cua@xa.vn")
        client = app.test_client()
        client.sign_in(sign_in_path(app), STAFF["admin"][0], PASSWORD)
        return client

    return sign_in


def test_a_newcomer_gets_the_link_by_mail_and_nobody_else_sees_it(admin_of, server):
    admin = admin_of(server.address)
    answer = fill(admin, PAGE, PAGE, by_mail="y", **HOA)
    assert answer.status_code == 302
    ((receivers, message),) = server.handler.messages
    assert receivers == ["hoa@xa.vn"]
    assert message["From"].addresses[0].addr_spec == "mot-cua@xa.vn"
    text = message.get_content()
    assert "Kính gửi Lê Thị Hoa" in text
    link = next(line for line in text.splitlines() if "/mat-khau/" in line)
    shown = admin.get(PAGE)
    assert "Đã gửi liên kết đặt mật khẩu tới hoa@xa.vn" in words(shown.text)
    assert link not in shown.text
    client = admin.application.test_client()
    path = link.removeprefix("http://localhost")
    assert client.post_form(path, password="sông hồ bút dép", again="sông hồ bút dép").location


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_it_goes_encrypted_to_a_server_whose_certificate_is_good_and_to_no_other(
    admin_of, serve, certificate, monkeypatch, scheme
):
    file, context = certificate
    if scheme == "smtps":
        server = serve(scheme, ssl_context=context)
    else:
        server = serve(scheme, tls_context=context, require_starttls=True, auth_require_tls=True)
    admin = admin_of(server.address)
    refused = fill(admin, PAGE, PAGE, by_mail="y", **HOA)
    assert "certificate verify failed" in words(refused.text)
    assert "cchc-secret" in refused.text  # nobody is left without a link
    assert server.handler.messages == []
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    answer = fill(admin, PAGE, PAGE, by_mail="y", **HOA | {"email": "lan@xa.vn"})
    assert answer.status_code == 302
    ((receivers, _message),) = server.handler.messages
    assert receivers == ["lan@xa.vn"]


def test_it_is_shown_when_the_administrator_wants_or_the_mail_does_not_go(admin_of, server):
    admin = admin_of(server.address)
    fields = read_inputs(admin.get(PAGE).text, hidden=True)
    assert "cchc-secret" in admin.post(PAGE, data=fields | HOA).text
    assert server.handler.messages == []
    admin = admin_of("smtp://127.0.0.1:9")  # nobody listens there
    answer = fill(admin, PAGE, PAGE, by_mail="y", **HOA | {"email": "lan@xa.vn"})
    assert answer.status_code == 200
    assert "không nhận" in words(answer.text)
    assert "cchc-secret" in answer.text


def test_the_command_line_sends_it_and_doctor_tries_the_server(build_app, server):
    def run(app, *args):
        return app.test_cli_runner().invoke(args=["cchc", *args])

    app = build_app("standalone", CCHC_MAIL_URL=server.address, CCHC_MAIL_FROM="mot-cua@xa.vn")
    assert "Đã gửi" in run(app, "user", "link", STAFF["clerk"][0], "--mail").output
    assert len(server.handler.messages) == 1
    assert "tốt  Máy chủ thư trả lời" in run(app, "doctor").output
    wrong = build_app("standalone", CCHC_MAIL_URL=server.address.replace("xa:", "ai:"))
    assert "không nhận" in run(wrong, "doctor").output
    none = build_app("standalone")
    refused = run(none, "user", "link", STAFF["clerk"][0], "--mail")
    assert refused.exit_code == 1
    assert "CCHC_MAIL_URL" in refused.output


def test_nothing_speaks_of_mail_where_none_is_set(admin):
    assert "qua thư" not in admin.get(PAGE).text
