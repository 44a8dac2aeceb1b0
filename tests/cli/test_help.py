"""The help of every command is what stands in help/: a change of an option, default or sentence shows in a diff.

After a change that is meant, `python tests/cli/test_help.py` writes the files anew.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

KEPT = Path(__file__).with_name("help")
COMMANDS = (
    "", "train-text", "sample-text", "judge-text", "eval-text", "plot-gradients", "plot-gates",
    "train-vae", "reconstruct", "plot-elbo", "plot-latent", "train-pixelrnn", "complete", "train-gan", "plot-gan",
    "eval-images", "sample-images", "compare-images", "train-reader", "read-image", "eval-reader",
    "train-speech", "transcribe", "eval-speech", "plot-context",
    "plot-curve", "runs", "runs list", "runs show", "runs verify", "doctor",
)  # fmt: skip
WIDTHS = (80, 120)
SHOW_ALL = """
import contextlib, io, json, os, sys
from genmodels.__main__ import main
shown, commands, widths = {}, json.loads(sys.argv[1]), json.loads(sys.argv[2])
for command in commands:
    for width in widths:
        os.environ["COLUMNS"], sys.argv = str(width), ["genmodels", *command.split(), "--help"]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            if main() != 0:
                raise SystemExit(command)
        shown[f"{command.replace(' ', '-') or 'genmodels'}-{width}"] = out.getvalue()
print(json.dumps(shown))
"""


def shown(*options: str, widths: tuple[int, ...] = WIDTHS) -> dict[str, str]:
    """All help texts, by the names of their files, as a pipe gets them: drawn without Rich.

    Args:
        options: of Python.
        widths: of the terminal.
    """
    environment = {name: value for name, value in os.environ.items() if name != "GENMODELS_RUNS"}
    done = subprocess.run(
        [sys.executable, *options, "-c", SHOW_ALL, json.dumps(COMMANDS), json.dumps(widths)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    texts: dict[str, str] = json.loads(done.stdout)
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return shown()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_is_as_it_was(texts: dict[str, str], command: str, width: int) -> None:
    name = f"{command.replace(' ', '-') or 'genmodels'}-{width}"
    assert texts[name] == (KEPT / f"{name}.txt").read_text(encoding="utf-8")


def test_no_command_lacks_its_frozen_help(texts: dict[str, str]) -> None:
    listed = {
        f"{group} {name}".strip()
        for group in ("", "runs")
        for name in re.findall(
            r"^  ([a-z][a-z-]+)",
            texts[f"{group or 'genmodels'}-120"].partition("Commands:")[2].partition("\n\n")[0],
            re.M,
        )
    }
    assert listed | {""} == set(COMMANDS)
    assert {path.stem for path in KEPT.glob("*.txt")} == texts.keys()


def test_the_help_is_the_same_where_python_leaves_docstrings_out() -> None:
    for name, text in shown("-OO", widths=(80,)).items():
        assert text == (KEPT / f"{name}.txt").read_text(encoding="utf-8"), name


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for name, text in shown().items():
        (KEPT / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
