"""The sheets of the real report with the data windows that it prints, misprints included."""

from datetime import date

from cchc_public.demo import DATA_FROM, DATA_TO, demo_sheets
from cchc_public.tables.sheet import Sheet

_MISPRINTED = (date(2023, 12, 15), DATA_TO)
_WINDOWS = {
    "ho-so": (DATA_FROM, DATA_TO),
    "so-hoa": (DATA_FROM, DATA_TO),
    "dich-vu-cong": _MISPRINTED,
    "van-ban": _MISPRINTED,
    "nhiem-vu": (None, DATA_TO),
}


def printed_sheets() -> dict[str, Sheet]:
    return {
        code: sheet.with_window(*_WINDOWS.get(code, (None, None)))
        for code, sheet in demo_sheets().items()
    }
