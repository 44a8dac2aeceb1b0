"""Both helps of every command are what stands in help/: a change of an option, default or sentence shows in a diff.

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
    "plot-curve", "report", "tour",
    "find-rate", "find-rate text", "find-rate vae", "find-rate pixelrnn", "find-rate gan",
    "find-rate reader", "find-rate speech",
    "runs", "runs list", "runs show", "runs compare", "runs verify", "runs export", "runs note", "runs rename",
    "runs remove", "runs prune", "doctor",
)  # fmt: skip
GROUPS = ("", "find-rate", "runs")  # whose help is a list of commands
WIDTHS = (80, 120)
HELPS = {"": "--help", "-all": "--help-all"}  # as the files' names have it
SCREEN = 24  # lines that the usual options of a command may take, 80 columns wide
SHOW_ALL = """
import contextlib, io, json, os, sys
from genmodels.__main__ import main
shown, lines, widths = {}, json.loads(sys.argv[1]), json.loads(sys.argv[2])
for name, line in lines.items():
    for width in widths:
        os.environ["COLUMNS"], sys.argv = str(width), ["genmodels", *line.split()]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            if main() != 0:
                raise SystemExit(line)
        shown[f"{name}-{width}"] = out.getvalue()
print(json.dumps(shown))
"""


def lines() -> dict[str, str]:
    """What asks for each help, by the beginning of its file's name."""
    return {
        f"{command.replace(' ', '-') or 'genmodels'}{kind}": f"{command} {flag}".strip()
        for command in COMMANDS
        for kind, flag in HELPS.items()
        if kind == "" or command not in GROUPS
    }


def shown(*options: str, widths: tuple[int, ...] = WIDTHS) -> dict[str, str]:
    """All help texts, by the names of their files, as a pipe gets them: drawn without Rich.

    Args:
        options: of Python.
        widths: of the terminal.
    """
    environment = {name: value for name, value in os.environ.items() if name != "GENMODELS_RUNS"}
    done = subprocess.run(
        [sys.executable, *options, "-c", SHOW_ALL, json.dumps(lines()), json.dumps(widths)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    texts: dict[str, str] = json.loads(done.stdout)
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return shown()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", lines())
def test_both_helps_of_every_command_are_as_they_were(texts: dict[str, str], name: str, width: int) -> None:
    assert texts[f"{name}-{width}"] == (KEPT / f"{name}-{width}.txt").read_text(encoding="utf-8")


def options_in(text: str) -> list[str]:
    """The lines below "Options:"."""
    return text.partition("\nOptions:\n")[2].partition("\n\n")[0].splitlines()


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", "\n".join(options_in(text)), re.M))


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in GROUPS])
def test_the_usual_options_fit_a_screen_and_the_help_says_how_to_see_all(texts: dict[str, str], command: str) -> None:
    name = command.replace(" ", "-")
    usual, every = texts[f"{name}-80"], texts[f"{name}-all-80"]
    assert len(options_in(usual)) <= SCREEN, "declare an option an expert's: EXPERT, or a setting without `usual`"
    assert flags_in(usual) < flags_in(every)
    count = len(flags_in(every)) - len(flags_in(usual))
    said = f"  --help-all shows {count} more option{'' if count == 1 else 's'}, for experts.\n"
    assert usual.endswith(said)
    assert "for experts" not in every
    assert "Examples:\n\n    genmodels " in usual


def test_no_command_lacks_its_frozen_help(texts: dict[str, str]) -> None:
    listed = {
        f"{group} {name}".strip()
        for group in GROUPS
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


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_list_says_of_a_command_stands_whole_at_80_columns(texts: dict[str, str], group: str) -> None:
    listed = texts[f"{group or 'genmodels'}-80"].partition("Commands:")[2]
    assert listed
    assert [line for line in listed.splitlines() if line.endswith(("...", "…"))] == []
