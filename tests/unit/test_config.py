import pytest

from cchc_public.config import (
    EDITABLE,
    KEYS,
    Settings,
    prepare_settings,
    read_environment,
    usable_values,
)
from cchc_public.errors import ConfigError


def test_defaults_fill_what_is_missing():
    config = {"CCHC_PLACE": "Kim Thạch", "SECRET_KEY": "x"}
    settings = prepare_settings(config)
    assert settings["PLACE"] == "Kim Thạch"
    assert settings["TIMEZONE"] == "Asia/Ho_Chi_Minh"
    assert config["CCHC_PAGE_CACHE"] is True
    assert settings["REQUIRE_SECOND_PERSON"] is True
    assert "CCHC_REQUIRE_SECOND_PERSON" not in config, "the office may still decide"
    assert set(settings) == {key.name for key in KEYS}
    assert len(settings) == len(KEYS)


def test_an_unknown_key_stops_the_start_and_names_the_nearest():
    with pytest.raises(ConfigError, match="CCHC_AUTHORITY_NAME"):
        prepare_settings({"CCHC_AUTHORITI_NAME": "UBND xã"})
    with pytest.raises(ConfigError, match="CCHC_ZZZ không tồn tại"):
        prepare_settings({"CCHC_ZZZ": 1})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CCHC_ENABLE_EMBED", "yes"),
        ("CCHC_ENABLE_EMBED", 1),
        ("CCHC_PUBLIC_MAX_AGE", True),
        ("CCHC_PUBLIC_MAX_AGE", "60"),
        ("CCHC_PUBLIC_MAX_AGE", -1),
        ("CCHC_AUTHORITY_NAME", None),
        ("CCHC_EMBED_ANCESTORS", "https://a.vn"),
        ("CCHC_EMBED_ANCESTORS", ["https://a.vn; script-src *"]),
        ("CCHC_EMBED_ANCESTORS", [1]),
        ("CCHC_URL_PREFIX", "cchc"),
        ("CCHC_URL_PREFIX", "/cchc/"),
        ("CCHC_URL_PREFIX", "//cchc"),
        ("CCHC_URL_PREFIX", "/<xa>"),
        ("CCHC_TIMEZONE", "Vietnam/Hanoi"),
        ("CCHC_CANONICAL_URL", "kimthach.gov.vn"),
        ("CCHC_UPLOAD_MAX_BYTES", 0),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(key, value):
    with pytest.raises(ConfigError, match=key):
        prepare_settings({key: value})


def test_a_list_is_as_good_as_a_tuple():
    settings = prepare_settings({"CCHC_EMBED_ANCESTORS": ["https://*.quangtri.gov.vn"]})
    assert settings["EMBED_ANCESTORS"] == ("https://*.quangtri.gov.vn",)


def test_settings_are_read_live_and_only_by_declared_names():
    config = {}
    settings = prepare_settings(config)
    config["CCHC_PLACE"] = "Vĩnh Linh"
    assert settings["PLACE"] == "Vĩnh Linh"
    with pytest.raises(KeyError):
        settings["NO_SUCH_KEY"]


def test_the_office_decides_what_the_configuration_leaves_open():
    stored = {"PLACE": "Trong trang", "AUTHORITY_NAME": "Xã A"}
    settings = prepare_settings({"CCHC_PLACE": "Trong tệp"}, lambda: stored)
    assert settings["PLACE"] == "Trong tệp"
    assert settings["AUTHORITY_NAME"] == "Xã A"
    assert settings["AUTHORITY_CODE"] == ""
    assert settings.is_fixed("PLACE")
    assert settings.is_fixed("URL_PREFIX")
    assert not settings.is_fixed("AUTHORITY_NAME")
    assert {key.name for key in KEYS} >= EDITABLE


def test_what_was_stored_and_no_longer_fits_is_left_out():
    stored = {"PLACE": 7, "LANGUAGES": ["vi"], "ACCENT_COLOR": "#ffffff", "LOGO": "abc"}
    assert usable_values(stored) == {"LANGUAGES": ("vi",), "LOGO": "abc"}


def test_the_environment_is_text_turned_into_each_type():
    found = read_environment(
        {
            "CCHC_ENABLE_PDF": "false",
            "CCHC_REQUIRE_SECOND_PERSON": "có",
            "CCHC_TRUSTED_PROXIES": "2",
            "CCHC_EMBED_ANCESTORS": "https://a.vn https://b.vn",
            "CCHC_PLACE": "Kim Thạch",
            "HOME": "/root",
        }
    )
    assert found == {
        "CCHC_ENABLE_PDF": False,
        "CCHC_REQUIRE_SECOND_PERSON": True,
        "CCHC_TRUSTED_PROXIES": 2,
        "CCHC_EMBED_ANCESTORS": ("https://a.vn", "https://b.vn"),
        "CCHC_PLACE": "Kim Thạch",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [("CCHC_ENABLE_PDF", "perhaps"), ("CCHC_TRUSTED_PROXIES", "one"), ("CCHC_PLAICE", "x")],
)
def test_a_bad_environment_variable_is_refused(name, text):
    with pytest.raises(ConfigError, match=name):
        read_environment({name: text})


def test_every_key_has_help_a_valid_default_and_one_name():
    assert len({key.name for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert key.help.endswith("."), key.name
        assert len(key.help) < 110, key.name
    assert isinstance(prepare_settings({}), Settings)
