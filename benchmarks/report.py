"""How fast a network runs in a page, in Chromium without a window.

    python benchmarks/report.py RUN [RUN ...]

makes the page of each run of a family in `MEASURED` and prints its size, the time until its first screen stands, and
how fast its network is: letters a second that a text's writes, milliseconds in which a VAE answers a moved code or a
drawing, a generator draws a picture, a pixel model an image, a reader reads its paper, or a second of sound is heard.
Needs chromium, chromedriver and selenium.
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
TIMED = """
const [alive] = page.alive;
const network = parts[alive.part].network(alive.data, alive.networks[0].weights());
const image = new Float32Array(alive.data.shape[0] * alive.data.shape[1]).fill(0.3);
const code = normalNumbers(randomNumbers(1), alive.data.latent);
const timed = (work) => {
  for (let i = 0; i < 5; i += 1) work(); // until the browser has compiled it
  const begun = performance.now();
  for (let i = 0; i < 20; i += 1) work();
  return (performance.now() - begun) / 20;
};
"""
MOVED = f"{TIMED} return timed(() => network.decode(code, 0));"
REDRAWN = f"{TIMED} return timed(() => network.decode(network.encode(image, 0).mean, 0));"
GENERATED = f"{TIMED} return timed(() => network(code));"
DRAWN = """
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
READ = """
const { data, networks } = page.alive[0];
const strip = new Float32Array(data.height * data.paper).fill(0.3);
const read = () => parts.reader.read(data, networks[0].weights(), strip, [data.height, data.paper]);
for (let i = 0; i < 3; i += 1) read(); // until the browser has compiled it
const begun = performance.now();
for (let i = 0; i < 10; i += 1) read();
return (performance.now() - begun) / 10;
"""
HEARD = """
const { data, networks } = page.alive[0];
const samples = samplesOf(data.clips[0].wav);
const hear = () => listen(data, networks[0].weights(), soundRows(samples, data.features));
hear(); // until the browser has compiled it
const begun = performance.now();
for (let i = 0; i < 5; i += 1) hear();
return (performance.now() - begun) / 5 / (samples.length / SOUND.rate);
"""
MEASURED = {
    "text": {"letters_per_second": WRITE},
    "vae": {"milliseconds_for_a_moved_code": MOVED, "milliseconds_for_a_drawing": REDRAWN},
    "gan": {"milliseconds_for_a_picture": GENERATED},
    "pixelrnn": {"milliseconds_for_an_image": DRAWN},
    "reader": {"milliseconds_for_a_reading": READ},
    "speech": {"milliseconds_for_a_second_of_sound": HEARD},
}
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
            path = genmodels.report(run, Path(folder) / "page.html")
            driver.get(path.as_uri())
            measured = MEASURED[run.family].items()
            speeds = {what: round(driver.execute_script(script, LETTERS), 1) for what, script in measured}
            report(
                "report",
                command=f"python benchmarks/report.py {run.name}",
                model=run.setting("model"),
                bytes=path.stat().st_size,
                first_paint_milliseconds=round(driver.execute_script(PAINTED) or -1),
                **speeds,
            )
    driver.quit()


if __name__ == "__main__":
    main()
