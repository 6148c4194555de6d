"""Sends one-time links by mail, where a mail server is set; without one they are printed."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from cchc_public.accounts.models import User
from cchc_public.errors import CchcError
from cchc_public.state import get_state

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PATIENCE = 10  # seconds: somebody waits for the answer
_TEXT = """Kính gửi {name},

Mở liên kết dưới đây để tự đặt mật khẩu của trang {authority}. Liên kết dùng được một lần, trong \
{days} ngày. Không chuyển thư này cho ai.

{link}

Nếu không chờ thư này, xin bỏ qua và báo người quản trị.
"""


class MailFailed(CchcError):
    """The mail server did not take the message; the sentence says why."""

    code = "mail-failed"


def can_mail() -> bool:
    """Return whether a mail server is set."""
    return bool(get_state().config["MAIL_URL"])


def open_server() -> smtplib.SMTP:
    """Return a connection to the mail server, signed in; ``MailFailed`` when there is none."""
    address = urlsplit(get_state().config["MAIL_URL"])
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    trust = ssl.create_default_context()
    try:
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=trust)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        try:
            if address.scheme == "smtp+starttls":
                server.starttls(context=trust)
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(f"Máy chủ thư {host}:{port} không nhận: {error}.") from error
    return server


def mail_link(user: User, link: str, days: int) -> None:
    """Send ``user`` a one-time link; ``MailFailed`` when it could not be handed over."""
    config = get_state().config
    authority = config["AUTHORITY_NAME"]
    sender = config["MAIL_FROM"] or (urlsplit(config["MAIL_URL"]).username or "")
    message = EmailMessage()
    message["From"] = formataddr((authority, unquote(sender)))
    message["To"] = user.email
    message["Subject"] = f"Liên kết đặt mật khẩu, {authority}"
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="cchc.invalid")
    name = user.full_name or user.email
    message.set_content(_TEXT.format(name=name, authority=authority, days=days, link=link))
    with open_server() as server:
        try:
            server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(f"Máy chủ thư không nhận thư gửi {user.email}: {error}.") from error
