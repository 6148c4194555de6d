"""Letter tables of TCVN3 (ABC) and VNI text as it looks when read as Western letters; data only."""

from __future__ import annotations

# TCVN3: one code a letter. Capitals with a tone do not exist: a capital-only font draws them.
_TCVN3_CODES = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
TCVN3 = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))
TCVN3["\u03bc"] = "à"  # editors turn the micro sign into the Greek letter

# VNI: a base letter followed by a mark; ơ, ư, đ, ĩ and the toned i have codes of their own.
_VNI_TONES = "øùûõï"  # huyền, sắc, hỏi, ngã, nặng
_VNI_ROWS = (
    ("a", _VNI_TONES, "àáảãạ"),
    ("a", "âàáåãä", "âầấẩẫậ"),
    ("a", "êèéúüë", "ăằắẳẵặ"),
    ("e", _VNI_TONES, "èéẻẽẹ"),
    ("e", "âàáåãä", "êềếểễệ"),
    ("o", _VNI_TONES, "òóỏõọ"),
    ("o", "âàáåãä", "ôồốổỗộ"),
    ("ô", _VNI_TONES, "ờớởỡợ"),
    ("u", _VNI_TONES, "ùúủũụ"),
    ("ö", _VNI_TONES, "ừứửữự"),
    ("y", _VNI_TONES[:4], "ỳýỷỹ"),
)
_VNI_SINGLES = dict(zip("ìíæóòîôöñ", "ìíỉĩịỵơưđ", strict=True))


def _vni_table() -> dict[str, str]:
    """Return every pair and single letter in both cases; a mark's own case does not matter."""
    table: dict[str, str] = {}
    for base, marks, letters in _VNI_ROWS:
        for mark, letter in zip(marks, letters, strict=True):
            for written in (mark, mark.upper()):
                table[base + written] = letter
                table[base.upper() + written] = letter.upper()
    for code, letter in _VNI_SINGLES.items():
        table[code] = letter
        table[code.upper()] = letter.upper()
    return table


VNI = _vni_table()
