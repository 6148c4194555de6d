"""Who may use a screen: one decorator on every endpoint; asks to sign in, or refuses in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from cchc_public import host
from cchc_public.office.frame.guard import BLUEPRINT, is_signed_out, rescue, sign_in_address
from cchc_public.state import get_state

View = Callable[..., ResponseReturnValue]


def requires(action: str) -> Callable[[View], View]:
    """Let a view run only for users who may ``action``; marks it for the test over all routes."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if get_state().may(action):
                return view(*args, **kwargs)
            return refuse(action)

        guarded.cchc_requires = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def refuse(action: str) -> ResponseReturnValue:  # noqa: RET503 - abort never returns
    """Lead a stranger to the sign-in page with what he posted; tell a colleague what he lacks."""
    if is_signed_out():
        if request.method == "POST":
            return rescue()
        if (answer := host.answer_stranger(current_app, BLUEPRINT)) is not None:
            return answer  # type: ignore[no-any-return]
        if address := sign_in_address(request.script_root + request.full_path.rstrip("?")):
            return redirect(address)
    words = {
        "enter": "Tài khoản của bạn chưa được phép nhập số liệu.",
        "publish": "Tài khoản của bạn chưa được phép công bố, đính chính hoặc thu hồi số liệu.",
        "administer": "Chỉ người quản trị mới mở được trang này.",
    }
    abort(403, description=words[action])
