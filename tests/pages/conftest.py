"""Chromium for the tests of pages: skipped where there is none, but never where .ci/run says that there must be."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.browser import Browser, chrome


def missing() -> str | None:
    """Why there is no browser, or None."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed (it is in the extra dev)"
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not found: apt-get install chromium chromium-driver" if lacking else None


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    why = missing()
    if why is not None:
        if os.environ.get("GENMODELS_BROWSER_NEEDED"):
            pytest.fail(why)
        pytest.skip(why)
    driver = chrome(tmp_path_factory.mktemp("profile"))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def tree() -> Path:
    """The folder of the page's own files."""
    return Path(__file__).parents[2] / "src" / "genmodels" / "pages" / "page"
