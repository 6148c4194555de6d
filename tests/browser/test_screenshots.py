"""README's pictures: taken from the running site when ``TEST_SCREENSHOTS=1``, else there.

The pictures are kept small (WebP) and are renewed by hand, not by every run: a run must leave the
tree as it was.
"""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).with_name("screenshots")
TABLE = "/ky/2023-6-thang/ho-so"
# name: path, width, height, who is signed in
PICTURES = {
    "overview-1280": ("/", 1280, 1100, ""),
    "overview-360": ("/", 360, 760, ""),
    "table-1280": (TABLE, 1280, 1400, ""),
    "table-360": (TABLE, 360, 760, ""),
    "procedure-1280": ("/thu-tuc/1.001193", 1280, 1100, ""),
    "procedure-360": ("/thu-tuc/1.001193", 360, 760, ""),
    "builder-1280": ("/nhung", 1280, 900, ""),
    "procedures-1280": ("/thu-tuc?q=khai+sinh", 1280, 900, ""),
    "kiosk-1280": ("/man-hinh", 1280, 720, ""),
    "kiosk-360": ("/man-hinh", 360, 760, ""),
    "sheet-1280": (f"/quan-tri{TABLE}", 1280, 1150, "can-bo"),
    "sheet-360": (f"/quan-tri{TABLE}", 360, 760, "can-bo"),
}


def add_like_periods(site):
    """Publish two invented periods beside the demo, once, for tables of three periods."""
    env = {**os.environ, "CCHC_INSTANCE_PATH": str(site.instance)}
    if not (done := site.instance / "like-periods").exists():
        subprocess.run([sys.executable, "-m", "tests.like_periods"], env=env, check=True)
        done.touch()


def take(page, address, name):
    page.goto(address)
    picture = Image.open(io.BytesIO(page.screenshot()))
    FOLDER.mkdir(exist_ok=True)
    picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=80, method=6)


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name, request):
    path, width, height, who = PICTURES[name]
    if os.environ.get("TEST_SCREENSHOTS"):
        site = request.getfixturevalue("site")
        add_like_periods(site)
        if who:
            page = request.getfixturevalue("sign_in")(who, width)
            page.set_viewport_size({"width": width, "height": height})
        else:
            page = request.getfixturevalue("open_page")(width, height)
        take(page, site.url + path, name)
    with Image.open(FOLDER / f"{name}.webp") as picture:
        assert picture.size == (width, height)
