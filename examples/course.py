"""The whole course: every command of docs/course.md in its order, on real data, in under an hour on two cores.

    python examples/course.py [--text FILE] [--images DATASET] [--speech DATASET] [--folder FOLDER] [--toy]

The page holds the commands; this adds the data. DATASET is what --dataset takes: mnist, fsdd, a folder. Without the
first three: the Python language reference; MNIST, or rendered digits where it can't be had; synthesised voices. Runs
and figures go to --folder (course), and into its seconds.json how long each command took. What is done is not done
again: after Ctrl-C the same line goes on. --toy makes everything tiny, to see that it runs.

On tiny Shakespeare, MNIST and FSDD, two cores of a shared AMD EPYC: docs/course.md.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

try:
    from genmodels.durable import replace_file, to_json
except ModuleNotFoundError:
    sys.exit("genmodels is not installed here: the README's first command makes .venv; then .venv/bin/python does it.")

PAGE = Path(__file__).parents[1] / "docs" / "course.md"
GENMODELS = [sys.executable, "-m", "genmodels"]
# Which of the three sorts of data a training takes, and the option that names it (a text needs none).
DATA = {
    "train-text": ("text", ""),
    "train-speech": ("speech", "--dataset"),
    **dict.fromkeys(("train-reader", "train-vae", "train-pixelrnn", "train-gan"), ("images", "--dataset")),
}
TOY = {
    "train-speech": "--parameters 3600 --longest 2 --utterances 32 --tested-utterances 4",
    "train-reader": "--channels 2 --strips 64 --tested-strips 8",
    "train-text": "--hidden-size 8 --embedding-size 8 --batch-size 8 --window 64",
    "train-vae": "--hidden-size 8 --channels 2 --batch-size 20",
    "train-pixelrnn": "--channels 2 --layers 1 --batch-size 20",
    "train-gan": "--channels 2 --batch-size 20",
    "plot-context": "--utterances 4 --looked-at 2",
    "compare-images": "--count 100",
    "judge-text": "--length 200",
}


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """What was typed; data that is a file or a folder by its whole path, as the commands run in --folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("text", "images", "speech"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--folder", type=Path, default=Path("course"))
    parser.add_argument("--toy", action="store_true")
    given = parser.parse_args(words)
    for name in ("text", "images", "speech"):
        value = getattr(given, name)
        if value is not None and Path(value).exists():
            setattr(given, name, str(Path(value).resolve()))
    return given


def questions() -> dict[str, list[str]]:
    """The page's headings that have commands, and those."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines() if line.startswith("genmodels ")]
        if lines:
            found[section.splitlines()[0]] = lines
    return found


def words_of(line: str, data: Mapping[str, str | None], *, folder: Path, toy: bool) -> list[str]:
    """The arguments for a line of the page: with the data given, tiny if wanted, or going on with what was begun."""
    command, *rest = shlex.split(line)[1:]
    if command.startswith("train-"):
        name = rest[rest.index("--name") + 1]
        if (folder / "runs" / name).exists():
            return [command, "--resume", name]
        sort, option = DATA[command]
        given = data[sort]
        rest += [] if given is None else [word for word in (option, given) if word]
    if toy and "--minutes" in rest:
        at = rest.index("--minutes")
        rest[at : at + 2] = ["--epochs", "1"]
    return [command, *rest, *(TOY.get(command, "").split() if toy else ())]


def run(words: list[str], folder: Path) -> None:
    """One command, in the folder; its progress and its result go to the screen."""
    print("genmodels", shlex.join(words), flush=True)
    subprocess.run([*GENMODELS, *words], check=True, cwd=folder)


def main(words: list[str] | None = None) -> None:
    """Every command that is not done yet; the seconds of each are kept beside the figures."""
    given = arguments(words)
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = given.folder / "seconds.json"
    seconds = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for question, lines in questions().items():
        print(f"\n{question}", flush=True)
        for line in lines:
            if line in seconds:
                continue
            begin = time.perf_counter()
            run(words_of(line, vars(given), folder=given.folder, toy=given.toy), given.folder)
            seconds[line] = round(time.perf_counter() - begin, 1)
            replace_file(kept, to_json(seconds))
        print(f"{sum(seconds[line] for line in lines) / 60:.1f} minutes", flush=True)
    print(f"\nall of it: {sum(seconds.values()) / 60:.0f} minutes; the figures are in {given.folder}")


if __name__ == "__main__":
    main()
