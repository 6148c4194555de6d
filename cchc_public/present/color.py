"""Contrast of colors as WCAG 2.2 counts it; what a commune's accent becomes in the dark."""

from __future__ import annotations

import re

ACCENT = "#a4161a"
# the grounds that the accent stands on, and whose color stands on the accent
PAPERS = {"light": ("#ffffff", "#f7f4ef"), "dark": ("#171411", "#221e19")}
LEAST = 4.5  # WCAG 1.4.3, text of any size
_HEX = re.compile(r"#[0-9a-f]{6}")


def accent_problem(color: str) -> str:
    """Return why ``color`` cannot be the accent; empty when it can."""
    if not _HEX.fullmatch(color):
        return "viết dạng #a4161a: dấu # rồi sáu chữ số hoặc chữ a–f thường"
    ratio = least_contrast(color, "light")
    if ratio >= LEAST:
        return ""
    shown = f"{ratio:.1f}".replace(".", ",")
    return f"nhạt quá: tương phản với nền trắng là {shown} : 1, cần từ 4,5 : 1 trở lên"


def least_contrast(color: str, scheme: str) -> float:
    """Return the smallest contrast of ``color`` on the grounds of a color scheme."""
    return min(contrast(color, paper) for paper in PAPERS[scheme])


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def for_dark(accent: str) -> str:
    """Return the accent, mixed with white until it reads well on the dark grounds."""
    for share in range(0, 101, 5):
        mixed = mix(accent, "#ffffff", share / 100)
        if least_contrast(mixed, "dark") >= LEAST + 1.5:
            return mixed
    return "#ffffff"


def mix(color: str, other: str, share: float) -> str:
    """Return ``color`` with ``share`` of ``other``."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
