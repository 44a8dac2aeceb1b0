"""A page in a real browser without a window, and what the browser itself says of it."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


def chrome(profile: Path) -> Any:
    """A driver of Chromium, with a profile of its own and a log of all that it does."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    return webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))


@dataclass(frozen=True)
class Browser:
    """Chromium, by its driver."""

    driver: Any

    def open(self, path: Path, width: int = 1280, scheme: str = "light", *, still: bool = False) -> None:
        """A page at a width and in a scheme, until all of its sections are started."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        features += [{"name": "prefers-reduced-motion", "value": "reduce"}] if still else []
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(path.absolute().as_uri())
        self.until("return page.alive.every((_, i) => 'started' in document.getElementById(`alive-${i}`).dataset)")

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a script gives that is run in the page."""
        return self.driver.execute_script(script, *arguments)

    def until(self, script: str, seconds: float = 20.0) -> None:
        """Wait until a script in the page gives true."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, seconds).until(lambda driver: driver.execute_script(script), script)

    def complaints(self) -> list[str]:
        """What stands in the browser's own log: errors, and what the page's policy refused."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that the page asked for, by the browser's own log; its own file and what is in it are none."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        asked = [one["request"]["url"] for one in sent if one.get("type") != "Document"]
        return [address for address in asked if not address.startswith("data:")]
