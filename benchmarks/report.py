"""How fast a network runs in a page, in Chromium without a window.

    python benchmarks/report.py RUN [RUN ...]

makes the page of each text run and prints its size, the time until its first screen stands, and how many letters a
second its network writes. Needs chromium, chromedriver and selenium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from machine import report
from selenium import webdriver

import genmodels

LETTERS = 1000
WRITE = """
const network = parts.text.network(page.alive[0].data, page.alive[0].networks[0].weights());
let logits = parts.text.logits(network, page.alive[0].data.prompt);
const random = randomNumbers(1);
const write = (count) => { for (let i = 0; i < count; i += 1) logits = network.next(sample(logits, 0.75, random())); };
write(100); // until the browser has compiled it
const begun = performance.now();
write(arguments[0]);
return 1000 * arguments[0] / (performance.now() - begun);
"""
PAINTED = "return performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')?.startTime"


def browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(switch)
    return webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))


def main() -> None:
    driver = browser()
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:]:
            run = genmodels.open_run(name, genmodels.TextRun)
            path = genmodels.report(run, Path(folder) / "page.html")
            driver.get(path.as_uri())
            letters = driver.execute_script(WRITE, LETTERS)
            report(
                "report",
                command=f"python benchmarks/report.py {run.name}",
                model=run.setting("model"),
                hidden_size=run.setting("hidden_size"),
                bytes=path.stat().st_size,
                first_paint_milliseconds=round(driver.execute_script(PAINTED) or -1),
                letters_per_second=round(letters),
            )
    driver.quit()


if __name__ == "__main__":
    main()
