"""Days and hours are the commune's, whatever zone the machine keeps."""

from datetime import UTC, date, datetime

from flask import Flask

from cchc_public.store.base import clock_text, today


def test_the_day_turns_at_midnight_of_the_commune(clock) -> None:
    clock.set(2023, 6, 12, 16, 59)
    assert today() == date(2023, 6, 12)
    clock.set(2023, 6, 12, 17)
    assert today() == date(2023, 6, 13)


def test_an_app_that_names_another_zone_lives_in_it() -> None:
    at = datetime(2023, 6, 12, 17, 5, tzinfo=UTC)
    assert clock_text(at) == "00:05 ngày 13/06/2023"
    app = Flask("tokyo")
    app.config["CCHC_TIMEZONE"] = "Asia/Tokyo"
    with app.app_context():
        assert clock_text(at) == "02:05 ngày 13/06/2023"
