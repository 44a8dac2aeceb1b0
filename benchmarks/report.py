"""How fast a network runs in a page, in Chromium without a window.

    python benchmarks/report.py RUN [RUN ...]

makes the page of each run and prints its size, the time until its first screen stands, and how fast its network is:
how many letters a second one of a text run writes, in how many milliseconds one of a pixel model draws an image. Needs
chromium, chromedriver and selenium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from machine import report
from selenium import webdriver

import genmodels

WRITE = """
const network = parts.text.network(page.alive[0].data, page.alive[0].networks[0].weights());
let logits = parts.text.logits(network, page.alive[0].data.prompt);
const random = randomNumbers(1);
const write = (count) => { for (let i = 0; i < count; i += 1) logits = network.next(sample(logits, 0.75, random())); };
write(100); // until the browser has compiled it
const begun = performance.now();
write(1000);
return 1e6 / (performance.now() - begun);
"""
DRAW = """
const { data, networks } = page.alive[0];
const random = randomNumbers(1);
const draw = () => {
  const image = new Uint8Array(data.shape[0] * data.shape[1]);
  const walk = parts.pixelrnn.walk(data, networks[0].weights(), { image, turn: 0, kept: 0 });
  while (!walk.isDone()) walk.next(random());
};
draw(); // until the browser has compiled it
const begun = performance.now();
for (let image = 0; image < 5; image += 1) draw();
return (performance.now() - begun) / 5;
"""
MEASURED = {
    "text": (WRITE, "letters_per_second", ("hidden_size",)),
    "pixelrnn": (DRAW, "milliseconds_per_image", ("channels", "layers", "levels")),
}  # by family: what is run in its page, what that gives, and what the network's size is by
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
            run = genmodels.open_run(name)
            script, measured, sizes = MEASURED[run.family]
            path = genmodels.report(run, Path(folder) / "page.html")
            driver.get(path.as_uri())
            found = driver.execute_script(script)
            report(
                "report",
                command=f"python benchmarks/report.py {run.name}",
                model=run.setting("model"),
                **{one: run.setting(one) for one in sizes},
                bytes=path.stat().st_size,
                first_paint_milliseconds=round(driver.execute_script(PAINTED) or -1),
                **{measured: round(found)},
            )
    driver.quit()


if __name__ == "__main__":
    main()
