"""The commune's own accent color and emblem, as rules at the end of the one style sheet."""

from __future__ import annotations

import base64
import hashlib
import io

from sqlalchemy.exc import SQLAlchemyError

from cchc_public.errors import RecordRefused
from cchc_public.present.color import ACCENT, for_dark, mix
from cchc_public.state import get_state
from cchc_public.store.settings import LOGO, find_picture

LOGO_TYPES = {"PNG", "JPEG", "WEBP"}
LOGO_UPLOAD_BYTES = 400_000
LOGO_PIXELS = 4_000_000  # of the file that is sent: a small file may unfold to a huge picture
LOGO_SIDE = 96
LOGO_BYTES = 3_000  # as shown: every reader loads it with the style sheet


def find_skin() -> str:
    """Return the rules of this site; empty when it looks as we deliver it."""
    state = get_state()
    accent, digest = state.config["ACCENT_COLOR"], state.office_settings().get(LOGO)
    key = f"skin {accent} {digest}"
    if key not in state.memory:
        try:
            picture = find_picture(state.session, digest) if digest else None
        except SQLAlchemyError:
            state.session.rollback()
            return accent_rules(accent)
        state.memory[key] = accent_rules(accent) + (logo_rules(*picture) if picture else "")
    skin: str = state.memory[key]
    return skin


def accent_rules(accent: str) -> str:
    """Return the custom properties of an accent, for light and for dark."""
    if accent == ACCENT:
        return ""
    dark = for_dark(accent)
    strong = mix(accent, "#000000", 0.25), mix(dark, "#ffffff", 0.3)
    light_rule = f"--cchc-accent:{accent};--cchc-accent-strong:{strong[0]}"
    dark_rule = f"--cchc-accent:{dark};--cchc-accent-strong:{strong[1]}"
    return (
        f"\n.cchc{{{light_rule}}}\n@media (prefers-color-scheme:dark){{"
        f".cchc:not(.cchc-light){{{dark_rule}}}}}"
    )


def logo_rules(mimetype: str, body: bytes) -> str:
    """Return the rule that puts the emblem before the name; it costs no further request."""
    return (
        "\n.cchc .cchc-brand{padding-left:3.5rem;background:"
        f"url({picture_address(mimetype, body)}) no-repeat left center/2.75rem}}"
    )


def picture_address(mimetype: str, body: bytes) -> str:
    """Return a ``data:`` address: the policy of our pages lets pictures stand in them."""
    return f"data:{mimetype};base64,{base64.b64encode(body).decode()}"


def read_logo(data: bytes) -> tuple[str, str, bytes]:
    """Return digest, type and bytes of an uploaded emblem, drawn anew in a size for all readers.

    Drawing anew leaves behind whatever else the file carried. RecordRefused says what is wrong.
    """
    from PIL import Image, UnidentifiedImageError  # only who uploads waits for it

    if len(data) > LOGO_UPLOAD_BYTES:
        raise RecordRefused("Tệp biểu trưng lớn quá 400 KB. Hãy chọn tệp nhỏ hơn.")
    try:
        with Image.open(io.BytesIO(data), formats=sorted(LOGO_TYPES)) as picture:
            if picture.width * picture.height > LOGO_PIXELS:
                raise RecordRefused(
                    f"Ảnh {picture.width} × {picture.height} điểm lớn quá. Hãy thu nhỏ còn khoảng "
                    "500 × 500 điểm rồi tải lại."
                )
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RecordRefused(
            "Không đọc được tệp này như một ảnh. Biểu trưng là tệp PNG, JPEG hoặc WebP."
        ) from error
    drawn.thumbnail((LOGO_SIDE, LOGO_SIDE))
    for quality in (90, 75, 60, 45, 30, 15, 5):
        target = io.BytesIO()
        drawn.save(target, "WEBP", quality=quality, method=6)
        if target.tell() <= LOGO_BYTES:
            body = target.getvalue()
            return hashlib.sha256(body).hexdigest(), "image/webp", body
    raise RecordRefused("Ảnh có quá nhiều chi tiết nhỏ. Hãy chọn biểu trưng đơn giản hơn.")
