"""Pictures of every section of a page, at both widths and in both schemes, to be looked at.

    python tests/pages/screenshots.py PAGE.html FOLDER [SCRIPT]

SCRIPT is JavaScript that is run in the page first, such as one that presses a button.
"""

import base64
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pages.browser import Browser, chrome

WIDTHS, SCHEMES = (360, 1600), ("light", "dark")
PARTS = "header, .picture, main > section"
ABOUT = """
const part = document.querySelectorAll(arguments[0])[arguments[1]];
const { y, height } = part.getBoundingClientRect();
return { name: part.id || part.className || part.tagName.toLowerCase(),
  clip: { x: 0, y: y + scrollY, width: innerWidth, height, scale: 1 } };
"""
OPENED = "document.querySelectorAll('img').forEach((one) => { one.loading = 'eager'; })"


def pictures(browser: Browser, folder: Path, width: int, scheme: str) -> None:
    """One for each section, named by its place, its id, the width and the scheme."""
    count = browser.ask("return document.querySelectorAll(arguments[0]).length", PARTS)
    for index in range(count):
        about = browser.ask(ABOUT, PARTS, index)
        how = {"format": "png", "captureBeyondViewport": True, "clip": about["clip"]}
        taken = browser.driver.execute_cdp_cmd("Page.captureScreenshot", how)
        name = f"{index:02d}-{about['name'].replace(' ', '-').lower()}-{width}-{scheme}.png"
        (folder / name).write_bytes(base64.b64decode(taken["data"]))


def main() -> None:
    page, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(chrome(Path(profile)))
        for width in WIDTHS:
            for scheme in SCHEMES:
                browser.open(page, width, scheme, still=True)
                browser.ask(";".join([OPENED, *sys.argv[3:]]))
                time.sleep(2)  # until passages are read and pictures drawn
                pictures(browser, folder, width, scheme)
        browser.driver.quit()


if __name__ == "__main__":
    main()
