"""Every ``CCHC_*`` key in one table, and the only reader of them."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cchc_public.errors import UNNAMED, ConfigError
from cchc_public.present.color import ACCENT, accent_problem

log = logging.getLogger(__name__)
_warn_once = lru_cache(log.warning)
PREFIX = "CCHC_"
OWN_FRAME = "cchc/layout.html"  # the frame that is ours; any other is a host's
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
LOCALES = ("vi", "en")  # Vietnamese is the source; the others have a catalogue in translations/
_WORDS = {bool: "True hoặc False", int: "số nguyên", str: "chuỗi chữ", tuple: "danh sách chuỗi chữ"}
_TRUE = {"1", "true", "yes", "on", "co", "có"}
_FALSE = {"0", "false", "no", "off", "khong", "không", ""}


@dataclass(frozen=True)
class Key:
    """One configuration key: name without prefix, type, default, one line of help, extra test."""

    name: str
    kind: type
    default: Any
    help: str
    check: Callable[[Any], str] | None = None  # returns what is wrong, or ""
    label: str = ""  # in the office

    @property
    def full_name(self) -> str:
        """Return the name as written in the configuration."""
        return PREFIX + self.name

    def validated(self, value: Any) -> Any:
        """Return ``value`` as the key's type; raise ``ConfigError`` when it is none."""
        if self.kind is tuple and isinstance(value, list):
            value = tuple(value)
        # bool is an int in Python; True as a number of seconds is a mistake, not a value
        fits = isinstance(value, self.kind) and not (self.kind is int and isinstance(value, bool))
        if not fits or (self.kind is tuple and not all(isinstance(word, str) for word in value)):
            raise ConfigError(f"{self.full_name} phải là {_WORDS[self.kind]}; đang là {value!r}.")
        if problem := self.check(value) if self.check else "":
            raise ConfigError(f"{self.full_name} = {value!r}: {problem}.")
        return value

    def read(self, text: str) -> Any:
        """Turn what a person or the environment wrote into the key's type."""
        if self.kind is bool:
            word = text.strip().lower()
            if word not in _TRUE | _FALSE:
                raise ConfigError(f"{self.full_name} phải là true hoặc false; đang là {word!r}.")
            return word in _TRUE
        try:
            return tuple(text.split()) if self.kind is tuple else self.kind(text)
        except ValueError:
            raise ConfigError(f"{self.full_name} phải là số nguyên; đang là {text!r}.") from None


def _unless(is_right: Callable[[Any], object], words: str) -> Callable[[Any], str]:
    """Return the test of a value: ``words`` say what is wrong."""

    def check(value: Any) -> str:
        try:
            return "" if is_right(value) else words
        except (KeyError, ValueError, OSError):
            return words

    return check


def _like(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.S).fullmatch


_PREFIX = _unless(
    _like(r"(/[\w.~-]+)*"),
    "chỉ gồm chữ, số và . ~ -, bắt đầu bằng / và không kết thúc bằng /, ví dụ /cchc",
)
_LOCALE = _unless(LOCALES.__contains__, f"phải là một trong {', '.join(LOCALES)}")
_SCHEME = _unless(_like("(light|dark|auto)?"), "phải là light, dark hoặc auto")
_URL = _unless(
    _like("(https?://.*[^/])?"),
    "phải bắt đầu bằng http:// hoặc https:// và không kết thúc bằng /",
)
_NAME = _unless(_like(r".*\S.*"), "không được để trống")
_CONTACT = _unless(
    _like("((mailto:|https://|tel:).*)?"), "phải bắt đầu bằng mailto:, https:// hoặc tel:"
)
_POSITIVE = _unless(lambda value: value > 0, "phải lớn hơn 0")
_NOT_NEGATIVE = _unless(lambda value: value >= 0, "không được âm")
_ZONE = _unless(ZoneInfo, "không phải tên múi giờ IANA, ví dụ Asia/Ho_Chi_Minh")
# These words go into a header: a space or semicolon would start another directive.
_SOURCES = _unless(
    lambda value: all(word and not set(word) & set(" ;,\r\n\t") for word in value),
    "mỗi phần tử là một nguồn như https://*.gov.vn, không có dấu cách hay dấu ;",
)
_LANGUAGES = _unless(
    lambda value: "vi" in value and set(value) <= set(LOCALES),
    f"phải có vi, và chỉ gồm {', '.join(LOCALES)}",
)
_MAIL = _unless(
    lambda value: (
        not value or (urlsplit(value).scheme in MAIL_SCHEMES and urlsplit(value).hostname)
    ),
    "viết như smtp+starttls://ten:mat-khau@may-chu:587, hoặc smtps://…, smtp://…",
)

# what an administrator may set in the office, as long as the configuration says nothing
OFFICE: dict[str, tuple[Key, ...]] = {
    "Cơ quan": (
        Key("AUTHORITY_NAME", str, UNNAMED, "Tên cơ quan công khai.", _NAME, label="Tên cơ quan"),
        Key("AUTHORITY_CODE", str, "", "Mã định danh cơ quan, in trong dữ liệu mở.",
            label="Mã định danh"),
        Key("PARENT_AUTHORITY_NAME", str, "", "Cơ quan cấp trên trực tiếp, nơi nhận báo cáo.",
            label="Cơ quan cấp trên"),
        Key("PLACE", str, "", "Địa danh ghi trước ngày tháng của báo cáo.", label="Địa danh"),
    ),
    "Báo cáo của kỳ mở sau": (
        Key("ON_BEHALF_OF", str, "", "Chữ ký thay mặt ai, ví dụ TM. ỦY BAN NHÂN DÂN.",
            label="Ký thay mặt"),
        Key("SIGNATORY_TITLE", str, "", "Chức vụ người ký báo cáo.", label="Chức vụ người ký"),
        Key("SIGNATORY", str, "", "Họ tên người ký báo cáo.", label="Họ tên người ký"),
        Key("RECIPIENTS", str, "", "Nơi nhận in ở cuối báo cáo, mỗi dòng một nơi.",
            label="Nơi nhận"),
    ),
    "Trang công khai": (
        Key("ACCENT_COLOR", str, ACCENT, "Màu nhấn của trang, dạng #a4161a.", accent_problem,
            label="Màu nhấn"),
        Key("LANGUAGES", tuple, LOCALES,
            "Ngôn ngữ của trang cho công dân; có en thì mỗi trang có bản tiếng Anh dưới /en.",
            _LANGUAGES, label="Ngôn ngữ"),
        Key("OPEN_DATA_LICENSE", str, "CC BY 4.0", "Giấy phép của dữ liệu mở, in ở chân trang.",
            label="Giấy phép dữ liệu mở"),
        Key("EMBED_ANCESTORS", tuple, ("'self'", "https:", "http:"),
            "Những trang được phép nhúng tiện ích (frame-ancestors).", _SOURCES,
            label="Trang được nhúng tiện ích"),
    ),
    "Cách làm việc": (
        Key("REQUIRE_SECOND_PERSON", bool, True,
            "Người công bố phải khác người sửa cuối; tắt khi xã chỉ có một công chức.",
            label="Người công bố khác người sửa cuối"),
    ),
    "Giữ bao lâu": (
        Key("DRAFT_DAYS", int, 7,
            "Số ngày giữ những gì đã gõ mà chưa lưu được, cho người gõ lấy lại.", _POSITIVE,
            label="Giữ bản gõ dở (ngày)"),
        Key("BACKUP_DAYS", int, 60,
            "Số ngày giữ các bản trong thư mục sao-luu; bản mới nhất không bao giờ bị xóa.",
            _POSITIVE, label="Giữ bản sao lưu (ngày)"),
    ),
}  # fmt: skip
KEYS: tuple[Key, ...] = (
    *chain.from_iterable(OFFICE.values()),
    Key("URL_PREFIX", str, "",
        'Tiền tố của mọi địa chỉ; trong trang chủ Flask mặc định là /cchc, đặt "" để ở gốc.',
        _PREFIX),
    Key("BASE_TEMPLATE", str, OWN_FRAME,
        "Khung trang công khai, hoặc khung của trang chủ."),
    Key("STAFF_BASE_TEMPLATE", str, OWN_FRAME, "Khung trang quản trị."),
    Key("FRAME_IS_PUBLIC", bool, False,
        "Khung của trang chủ giống nhau với mọi người đọc: được giữ và gửi chung cả trang."),
    Key("COLOR_SCHEME", str, "",
        "light: luôn nền sáng; dark: luôn nền tối; auto: theo máy người đọc; trống: auto, trong "
        "khung trang chủ light.", _SCHEME),
    Key("BIND_KEY", str, "", "Tên cơ sở dữ liệu trong SQLALCHEMY_BINDS của trang chủ."),
    Key("ENABLE_STAFF", bool, True, "Bật khu vực quản trị."),
    Key("ENABLE_EMBED", bool, True, "Bật tiện ích nhúng."),
    Key("ENABLE_PDF", bool, True, "Bật báo cáo và tờ rơi PDF."),
    Key("TIMEZONE", str, "Asia/Ho_Chi_Minh", "Múi giờ khi in ngày giờ.", _ZONE),
    Key("DEFAULT_LOCALE", str, "vi",
        "Khóa cũ, vẫn được nhận: en thì địa chỉ tiếng Việt dẫn sang /en. Nên dùng CCHC_LANGUAGES.",
        _LOCALE),
    Key("PUBLIC_MAX_AGE", int, 60,
        "Số giây trình duyệt và bộ đệm được giữ trang công khai mà không hỏi lại.", _NOT_NEGATIVE),
    Key("PAGE_CACHE", bool, True, "Giữ trang công khai đã tạo trong bộ nhớ."),
    Key("SIGNED_COPY_MAX_BYTES", int, 20_000_000, "Cỡ bản PDF đã ký lớn nhất, byte.", _POSITIVE),
    Key("SNAPSHOT", bool, True,
        "Giữ bản sao phần công khai trong thư mục instance, để trang vẫn xem được khi mất cơ sở "
        "dữ liệu."),
    Key("UPLOAD_MAX_BYTES", int, 8_000_000, "Cỡ tệp tải lên lớn nhất, byte.", _POSITIVE),
    Key("KIOSK_IDLE_SECONDS", int, 60,
        "Số giây không ai chạm thì màn hình tra cứu trở về đầu.", _POSITIVE),
    Key("KIOSK_SLIDE_SECONDS", int, 10,
        "Số giây mỗi số liệu hiện trên màn hình tra cứu khi không ai chạm.", _POSITIVE),
    Key("NOTE_SMALL_COUNTS", bool, False,
        "Ghi chú ở biểu đếm việc của từng người khi có ô từ 1 đến 4 (số vẫn hiện đủ)."),
    Key("LOGIN_ENDPOINT", str, "", "Tên endpoint đăng nhập của trang chủ, ví dụ auth.login."),
    Key("LOGOUT_ENDPOINT", str, "", "Tên endpoint đăng xuất (POST) của trang chủ."),
    Key("PASSWORD_ENDPOINT", str, "", "Tên endpoint đổi mật khẩu của trang chủ."),
    Key("PDF_CACHE_DIR", str, "", "Thư mục giữ PDF đã tạo; trống: pdf/ trong thư mục instance."),
    Key("CANONICAL_URL", str, "",
        "Địa chỉ chính thức, ví dụ https://kimthach.gov.vn; thiếu nó, giấy không có mã QR.", _URL),
    Key("DATABASE_URL", str, "", "Cơ sở dữ liệu của trang độc lập; trống: SQLite trong instance/."),
    Key("INSTANCE_PATH", str, "", "Thư mục dữ liệu của trang độc lập; trống: instance/."),
    Key("TRUSTED_PROXIES", int, 0,
        "Số máy chủ chuyển tiếp đáng tin đứng trước trang độc lập.", _NOT_NEGATIVE),
    Key("TRUSTED_HOSTS", tuple, (), "Những tên máy chủ mà trang độc lập trả lời; trống: mọi tên."),
    Key("SECURITY_CONTACT", str, "",
        "Nơi nhận tin về lỗ hổng, in trong /.well-known/security.txt, ví dụ mailto:….", _CONTACT),
    Key("SIGN_IN_LIMIT", str, "10 per minute; 60 per hour",
        "Giới hạn số lần thử đăng nhập từ một địa chỉ mạng (trang độc lập)."),
    Key("MAIL_URL", str, "",
        "Máy chủ gửi thư liên kết đặt mật khẩu (trang độc lập); trống: liên kết chỉ in ra.",
        _MAIL),
    Key("MAIL_FROM", str, "", "Người gửi của thư ấy; trống: tên đăng nhập máy chủ thư."),
    Key("SECOND_FACTOR", tuple, ("publisher", "admin"),
        "Vai trò phải đăng nhập hai lớp (trang độc lập); trống: không vai trò nào."),
)  # fmt: skip
_BY_NAME = {key.name: key for key in KEYS}
EDITABLE = frozenset(key.name for keys in OFFICE.values() for key in keys)
RENAMED = {"DEFAULT_LOCALE": "CCHC_LANGUAGES"}
Stored = Callable[[], Mapping[str, Any]]


class Settings(Mapping[str, Any]):
    """The one reader of ``CCHC_*`` values, by their short names.

    The configuration wins; then what an administrator set in the office: ``stored`` is called at
    every look; then the default. ``prepare_settings`` validates the configuration first.
    """

    def __init__(self, config: Mapping[str, Any], stored: Stored = dict) -> None:
        self._config = config
        self._stored = stored

    def __getitem__(self, name: str) -> Any:
        key = _BY_NAME[name]
        if self.is_fixed(name):
            return self._config.get(key.full_name, key.default)
        return self._stored().get(name, key.default)

    def is_fixed(self, name: str) -> bool:
        """Return whether the configuration decides ``name``, so that the office cannot."""
        return name not in EDITABLE or _BY_NAME[name].full_name in self._config

    def __iter__(self) -> Iterator[str]:
        return iter(_BY_NAME)

    def __len__(self) -> int:
        return len(_BY_NAME)


def prepare_settings(config: MutableMapping[str, Any], stored: Stored = dict) -> Settings:
    """Refuse unknown and ill-typed keys, return the accessor.

    Defaults are filled in, but for the keys of the office: there a value means "fixed here".
    """
    for name in sorted(name for name in config if str(name).startswith(PREFIX)):
        get_key(name)
    for key in KEYS:
        is_set = key.full_name in config
        if is_set and key.name in RENAMED:
            new = RENAMED[key.name]
            _warn_once("%s là khóa cũ, vẫn được nhận; nên dùng %s.", key.full_name, new)
        if is_set or key.name not in EDITABLE | RENAMED.keys():
            config[key.full_name] = key.validated(config.get(key.full_name, key.default))
    return Settings(config, stored)


def usable_values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was stored in the office and still fits its key, whatever version wrote it."""
    found = dict(stored)
    for name in EDITABLE & found.keys():
        try:
            found[name] = _BY_NAME[name].validated(found[name])
        except ConfigError:
            del found[name]
    return found


def get_key(full_name: str) -> Key:
    """Return the declared key of this name; ``ConfigError`` with the nearest when there is none."""
    if key := _BY_NAME.get(full_name.removeprefix(PREFIX)):
        return key
    near = difflib.get_close_matches(full_name, [key.full_name for key in KEYS], n=1, cutoff=0.6)
    hint = f" Có phải ý là {near[0]}?" if near else ""
    raise ConfigError(f"Khóa cấu hình {full_name} không tồn tại.{hint}")


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the ``CCHC_*`` environment variables, turned from text into each key's type."""
    names = sorted(name for name in environ if name.startswith(PREFIX))
    return {name: get_key(name).read(environ[name]) for name in names}
