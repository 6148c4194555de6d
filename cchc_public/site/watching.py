"""What the stand-alone site notices about requests, and how strangers can tell it more."""

from __future__ import annotations

import ipaddress
import logging
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request, session
from flask_login import current_user, user_logged_in

from cchc_public.accounts.signing_in import CHANGE_PASSWORD_ENDPOINT, LOGIN_ENDPOINT
from cchc_public.config import Settings
from cchc_public.state import get_state
from cchc_public.store.clock import today
from cchc_public.web.addresses import absolute
from cchc_public.web.assets import find_asset
from cchc_public.web.journal import note, request_id

log = logging.getLogger(__name__)
PROXY_MARK = "proxy-seen"  # a file beside the data: doctor reads it
_REFUSALS = {400, 403, 413, 415, 429}


def watch(app: Flask, settings: Settings) -> None:
    """Note sign-ins, refusals and failures; name each answer's request."""
    app.config["TRUSTED_HOSTS"] = list_trusted_hosts(settings)
    app.before_request(notice_proxy)
    app.after_request(note_answer)
    user_logged_in.connect(renew_form_seed, app)
    app.add_url_rule("/.well-known/security.txt", "security_txt", send_security_txt)
    app.add_url_rule("/robots.txt", "robots_txt", send_robots_txt)
    app.add_url_rule("/favicon.ico", "favicon", send_favicon)


def list_trusted_hosts(settings: Settings) -> list[str] | None:
    """Return the host names we answer to; None, any, until somebody names one."""
    named = list(settings["TRUSTED_HOSTS"])
    if not named:
        return None
    official = urlsplit(settings["CANONICAL_URL"]).hostname
    return [*named, *([official] if official else []), "localhost", "127.0.0.1", "[::1]"]


def notice_proxy() -> None:
    """Notice a server before us that nobody told us to trust: all readers look like one then."""
    state = get_state()
    if state.config["TRUSTED_PROXIES"] or "X-Forwarded-For" not in request.headers:
        return
    if PROXY_MARK in state.memory or not _is_near(request.remote_addr or ""):
        return
    state.memory[PROXY_MARK] = True
    log.warning("a proxy on this network forwards requests, but CCHC_TRUSTED_PROXIES is 0")
    try:
        (Path(current_app.instance_path) / PROXY_MARK).touch()
    except OSError:
        log.warning("cannot leave a mark for cchc doctor")


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def note_answer(response: Response) -> Response:
    """Write refusals, failures and attempts to sign in; by account, never by address."""
    status = response.status_code
    is_login = request.endpoint == LOGIN_ENDPOINT and request.method == "POST"
    if status >= 500:
        note("failed", status=status, path=request.path)
    elif status in _REFUSALS:
        note("refused", status=status, path=request.path, account=_account())
    elif is_login:
        note("sign-in" if status == 302 else "sign-in-failed", account=_account())
    elif request.endpoint == CHANGE_PASSWORD_ENDPOINT and request.method == "POST":
        done = status == 302
        note("password-changed" if done else "password-change-failed", account=_account())
    if status >= 400 or "cchc_request_id" in g:
        response.headers["X-Request-Id"] = request_id()
    return response


def _account() -> str:
    try:
        return str(current_user.id) if current_user and current_user.is_authenticated else ""
    except Exception:  # the database is gone, and with it who this was
        log.debug("cannot tell the account", exc_info=True)
        return ""


def renew_form_seed(_app: Flask, **_more: Any) -> None:
    """Let no form token from before signing in work after it."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def send_security_txt() -> Response:
    """Tell whom to write to about a weakness (RFC 9116); 404 until there is an address."""
    config = get_state().config
    contact = config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    lines = [f"Contact: {contact}", f"Expires: {_expiry(today()).isoformat()}T00:00:00Z"]
    lines += ["Preferred-Languages: vi, en"]
    if config["CANONICAL_URL"]:
        lines += [f"Canonical: {config['CANONICAL_URL']}/.well-known/security.txt"]
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def send_robots_txt() -> Response:
    """Lead search engines to the list of pages, away from the office and the screens."""
    prefix = get_state().config["URL_PREFIX"]
    closed = "".join(f"Disallow: {prefix}{path}\n" for path in ("/quan-tri/", "/man-hinh"))
    text = f"User-agent: *\n{closed}Sitemap: {absolute('cchc.sitemap')}\n"
    response = Response(text, mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def send_favicon() -> Response:
    """Send the small picture that browsers and search engines show beside the name."""
    picture = find_asset("favicon.ico")
    if picture is None:
        abort(404)
    response = Response(picture.body, mimetype="image/x-icon")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _expiry(day: date) -> date:
    """Return the first of a month about a year ahead: the same for a whole month."""
    return (day.replace(day=1) + timedelta(days=366)).replace(day=1)
