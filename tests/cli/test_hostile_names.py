"""Names that could steer a terminal, format a text or make a line of their own, in every place that has a name."""

import csv
import json
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from cli.hostile import commands
from doors import Cli
from homes import PITCHES, TINY_GAN, TINY_PIXELS, TINY_READER, TINY_SPEECH, TINY_TEXT, TINY_VAE, shapes, write_words
from made_runs import made_comparison, made_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="such files can't be made there")
EVIL = "g\x1b]0;x\x07{b}[red]%s\u202e\x9b\x7f\nerror: c\r"
BYTES = os.fsdecode(b"caf\xe9")  # a name that is not UTF-8


def check(cli: Cli, *arguments: str, code: int = 0) -> str:
    """A command with that exit code whose streams hold nothing but lines of text; gives back stdout."""
    outcome = cli(*arguments)
    assert outcome.code == code, outcome.err
    for stream in (outcome.out, outcome.err):
        hidden = {c for c in stream if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert not hidden, (arguments, hidden, stream)
        assert "\nerror: c" not in f"\n{stream}", (arguments, stream)
    return outcome.out


def evil_run(root: Path, name: str = EVIL, **made: object) -> Path:
    """A made run in a folder of such a name, whose data are called so too."""
    run = made_run(root, "plain", data=f"{EVIL}.txt", **made)
    return run.path.rename(root / name)


NOTE = "\x1b[2Jnew\nline"  # a note that is no text in the terminal's encoding is refused
LINES: Sequence[tuple[str, ...]] = (
    ("runs", "list"), ("runs", "list", "--json"), ("runs", "list", "--sort", "best"), ("runs", "list", "g*"),
    ("runs", "show", EVIL), ("runs", "show", EVIL, "--json"), ("runs", "show"), ("runs", "show", "last", "--all"),
    ("runs", "verify", EVIL), ("runs", "compare", EVIL, "other"), ("runs", "compare", EVIL, "other", "--json"),
    ("runs", "compare", EVIL, "other", "--out", f"{EVIL}.png", "--title", EVIL), ("runs", "note", EVIL, EVIL),
    ("runs", "note", EVIL), ("runs", "list"), ("plot-curve", "--run", EVIL), ("plot-curve", "--csv", f"{EVIL}.csv"),
    ("plot-curve", "--run", EVIL, "--run", "other", "--out", f"new{EVIL}/x.svg", "--json"),
    ("runs", "export", EVIL, "--to", "csv"), ("runs", "prune", EVIL, "--keep", "1", "--yes"),
    ("runs", "rename", EVIL, "again"), ("runs", "rename", "again", "twice", "--json"),
    ("runs", "remove", "twice", "--yes"),
)  # fmt: skip
REFUSED: Sequence[tuple[int, tuple[str, ...]]] = (
    (4, ("runs", "show", f"{EVIL}x")), (4, ("sample-text", "--run", EVIL)), (4, ("eval-text", "--run", f"no{EVIL}")),
    (3, ("train-text", f"no{EVIL}")), (2, ("train-text", "--model", EVIL)), (2, ("train-text", "--name", EVIL)),
    (2, ("train-text", "--config", EVIL)), (3, ("train-text", "--encoding", EVIL)),
    (3, ("train-vae", "--dataset", EVIL)),
    (2, ("plot-curve", "--out", EVIL)), (2, ("plot-curve", "--size", EVIL, "--out", "x.png")), (2, (EVIL,)),
    (2, ("runs", EVIL)), (2, ("runs", "list", f"--{EVIL}")), (2, ("runs", "list", "--sort", EVIL)),
    (2, ("train-text", "--epochs", EVIL)), (2, ("train-text", "--device", EVIL)), (4, ("report", "--run", f"no{EVIL}")),
    (2, ("runs", "list", "--state", EVIL)), (4, ("runs", "rename", f"no{EVIL}", "x")), (3, ("transcribe", EVIL)),
    (2, ("runs", "rename", EVIL, EVIL)), (2, ("runs", "export", EVIL, "--to", EVIL)),
)  # fmt: skip


@pytest.mark.parametrize("name", [EVIL, f"{BYTES}{EVIL}"], ids=["steering", "not UTF-8 either"])
def test_no_name_of_a_run_steers_a_terminal_or_makes_a_line(cli, root, name: str) -> None:
    evil_run(root, name)
    made_run(root, "other")
    for line in LINES:
        check(cli, *(NOTE if at == 3 and line[1] == "note" else w.replace(EVIL, name) for at, w in enumerate(line)))


def test_no_name_in_a_refusal_does_either(cli, root) -> None:
    evil_run(root)
    for code, line in REFUSED:
        check(cli, *line, code=code)


def test_no_name_of_a_comparison_or_of_what_is_damaged_does_either(cli, root) -> None:
    damaged = f"d{EVIL}"
    made_comparison(root, "plain", ["rnn", "lstm"], [[3.0], [2.0]]).path.rename(root / EVIL)
    made_run(root, "plain").path.rename(root / damaged)
    (root / damaged / "run.json").write_text('{"format": 1, "family": "\\x1b[2J"')
    for code, line in (
        (0, ("runs", "list")), (0, ("runs", "list", "--json")), (0, ("runs", "list", "--sort", "best")),
        (0, ("runs", "show", EVIL)), (0, ("runs", "verify", EVIL)), (4, ("runs", "verify", damaged)),
        (4, ("runs", "show", damaged)), (4, ("plot-curve", "--run", damaged)), (0, ("plot-curve", "--run", EVIL)),
        (4, ("runs", "rename", damaged, "x")), (0, ("runs", "note", EVIL, EVIL)), (0, ("runs", "list")),
        (0, ("runs", "rename", EVIL, "again")), (0, ("runs", "remove", "again", damaged, "--yes")),
    ):  # fmt: skip
        check(cli, *line, code=code)
    assert list(root.iterdir()) == []


def test_json_tells_a_name_as_it_can_be_read_back(cli, root) -> None:
    path = evil_run(root, f"{BYTES}{EVIL}")
    (row,) = json.loads(check(cli, "runs", "list", "--json"))["runs"]
    assert (root / row["run"]).samefile(path)
    figure = json.loads(check(cli, "plot-curve", "--run", row["run"], "--json"))["figure"]
    assert Path(figure).is_file()


TEXT = ("--run", EVIL)
ALIVE: dict[str, Sequence[tuple[str, ...]]] = {
    "text": (
        ("train-text", f"{EVIL}.txt", *TINY_TEXT, "--name", "plain"), ("sample-text", *TEXT, "--length", "20"),
        ("sample-text", *TEXT, "--temp", "0.5,1", "--length", "20", "--out", f"{EVIL}.png", "--title", EVIL),
        ("eval-text", *TEXT), ("eval-text", f"{EVIL}.txt", *TEXT), ("judge-text", *TEXT, "--temp", "1"),
        ("plot-gradients", *TEXT, "--title", EVIL), ("plot-gates", *TEXT, "--out", f"{EVIL}2.svg"),
        ("report", *TEXT, "--out", f"{EVIL}.html", "--small"), ("runs", "export", EVIL, "--to", "safetensors"),
        ("find-rate", "text", f"{EVIL}.txt", *TINY_TEXT[:8], "--out", f"{EVIL}3.png"),
        ("train-text", "--resume", EVIL, "--epochs", "3"), ("runs", "show", EVIL), ("runs", "list"), ("doctor",),
    ),
    "vae": (
        ("train-vae", "--dataset", f"{EVIL} set", *TINY_VAE, "--conditional", "--epochs", "1", "--name", "plain"),
        ("reconstruct", *TEXT), ("plot-elbo", *TEXT, "--title", EVIL), ("eval-images", *TEXT),
        ("plot-latent", *TEXT, "--kind", "scatter"), ("sample-images", *TEXT, "--classes", f"{EVIL} 1".strip()),
        ("report", *TEXT), ("find-rate", "vae", "--dataset", f"{EVIL} set", "--hidden-size", "8"),
    ),
    "pixelrnn": (
        ("train-pixelrnn", "--dataset", f"{EVIL} set", *TINY_PIXELS, "--epochs", "1", "--name", "plain"),
        ("complete", *TEXT), ("find-rate", "pixelrnn", "--dataset", f"{EVIL} set", *TINY_PIXELS),
    ),
    "gan": (
        ("train-gan", "--dataset", f"{EVIL} set", *TINY_GAN, "--epochs", "1", "--name", "plain"), ("plot-gan", *TEXT),
        ("train-vae", "--dataset", f"{EVIL} set", *TINY_VAE, "--epochs", "1", "--name", "other"),
        ("compare-images", EVIL, "other"), ("find-rate", "gan", "--dataset", f"{EVIL} set", *TINY_GAN),
    ),
    "reader": (
        ("train-reader", "--dataset", f"{EVIL} set", *TINY_READER, "--epochs", "1", "--name", "plain"),
        ("eval-reader", *TEXT, "--lengths", "1"), ("read-image", *TEXT),
        ("find-rate", "reader", "--dataset", f"{EVIL} set", *TINY_READER[:4]),
    ),
    "speech": (
        ("train-speech", "--dataset", f"{EVIL} words/list.csv", *TINY_SPEECH, "--epochs", "1", "--name", "plain"),
        ("eval-speech", *TEXT), ("plot-context", *TEXT),
        ("transcribe", *TEXT, f"{EVIL} words/{next(iter(PITCHES))}_ann_0.wav"),
        ("find-rate", "speech", "--dataset", f"{EVIL} words/list.csv", *TINY_SPEECH[:2]),
    ),
}  # fmt: skip
NOT_HERE = {"tour"}  # it trains for minutes, on data of its own and under names of its own


def fill(folder: Path) -> None:
    """A text, a folder of pictures and a list of recordings whose classes, words and speakers are called so."""
    (folder / f"{EVIL}.txt").write_text("the cat sat on the mat; a dog ran to the cat.\n" * 40)
    pixels, labels = shapes(12, 12, 150)
    for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        kind = folder / f"{EVIL} set" / ("train" if number < 120 else "test") / f"{EVIL} {label}"
        kind.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(kind / f"{number}.png")
    words = folder / f"{EVIL} words"
    write_words(words)
    with (words / "list.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["path", "words", "speaker"])
        for path in sorted(words.glob("*.wav")):
            word, speaker, _ = path.stem.split("_")
            table.writerow([path.name, f"{word}[red]{{b}}", f"{speaker}{EVIL}"])


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.parametrize("family", ALIVE)
def test_nothing_is_steered_by_names_of_runs_data_classes_words_and_speakers(
    cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    fill(tmp_path)
    first, *others = ALIVE[family]
    check(cli, *first)
    (tmp_path / "runs" / "plain").rename(tmp_path / "runs" / EVIL)
    for line in others:
        check(cli, *line)


def test_every_command_is_driven_with_such_names() -> None:
    every = {" ".join(taken.words) for taken in commands()}
    lines = [*LINES, *(line for _, line in REFUSED), *(line for some in ALIVE.values() for line in some)]
    driven = {" ".join(line[:count]) for line in lines for count in (1, 2)}
    assert every - driven == NOT_HERE
