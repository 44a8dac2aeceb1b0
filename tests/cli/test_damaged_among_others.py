"""A damaged run among others: each stands for itself in every list and choice, whatever lies in its folder."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from made_runs import made_comparison, made_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and sockets that lie in folders are POSIX")
DOCUMENTED = {0, 2, 3, 4, 5}
LONG = "9" * 400


def _set(*path: str | int, value: str) -> Callable[[Path], None]:
    """Another value, as JSON, at a place of run.json; the place "-" takes the entry away."""

    def damage(run: Path) -> None:
        document = json.loads((run / "run.json").read_text())
        inner = document
        for name in path[:-1]:
            inner = inner[name]
        if value == "-":
            del inner[path[-1]]
        else:
            inner[path[-1]] = "HERE"
        (run / "run.json").write_text(json.dumps(document).replace('"HERE"', value))

    return damage


def _last_line(**entries: str) -> Callable[[Path], None]:
    """Another last record, some of whose values are given as JSON."""

    def damage(run: Path) -> None:
        *lines, last = (run / "metrics.jsonl").read_text().splitlines()
        record = json.loads(last) | dict.fromkeys(entries, "HERE")
        text = json.dumps(record)
        for value in entries.values():
            text = text.replace('"HERE"', value, 1)
        (run / "metrics.jsonl").write_text("".join(f"{line}\n" for line in [*lines, text]))

    return damage


def _text(file: str, content: str | bytes) -> Callable[[Path], None]:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda run: (run / file).write_bytes(data) and None


def _instead(file: str, kind: str) -> Callable[[Path], None]:
    """A folder, a pipe, a socket, a device or a link to nothing in place of a file."""

    def damage(run: Path) -> None:
        path = run / file
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if kind == "socket":
            here = Path.cwd()
            os.chdir(path.parent)  # the name of a socket must be short
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(path.name)
            os.chdir(here)
        else:
            {
                "folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "file": lambda: path.write_bytes(b"x"),
                "zeros": lambda: path.symlink_to("/dev/zero"), "dangling": lambda: path.symlink_to("nowhere"),
                "itself": lambda: path.symlink_to(path.name), "nothing": lambda: None,
            }[kind]()  # fmt: skip

    return damage


WRONG = (
    "null",
    "[]",
    "{}",
    "3",
    "-1",
    "true",
    '"x"',
    "1.5",
    LONG,
    "NaN",
    "-Infinity",
    "1e400",
    '[["x"]]',
    '"\\u001b[2J"',
)
PLACES: tuple[tuple[str, ...], ...] = (
    ("format",), ("family",), ("created_at",), ("settings",), ("settings", "model"), ("settings", "model", "value"),
    ("settings", "seed", "from"), ("data",), ("data", "sources"), ("data", "fingerprint"), ("plan",),
    ("plan", "total_steps"), ("plan", "steps_per_epoch"), ("argv",), ("init_from",), ("init_weights",), ("versions",),
)  # fmt: skip
KINDS = ("folder", "pipe", "socket", "zeros", "dangling", "itself", "nothing", "file")
FILES = ("run.json", "metrics.jsonl", "note.txt", "checkpoints", "checkpoints/last", "checkpoints/best", ".lock",
         "samples", "checkpoints/epoch-0004/model.safetensors", "checkpoints/epoch-0004/state.json",
         "checkpoints/epoch-0004/manifest.json", "checkpoints/step-00000040/state.json")  # fmt: skip
EXTRA = ("argv", "init_from", "init_weights", "versions", "plan")  # which a made run lacks


def _with(place: tuple[str, ...], value: str) -> Callable[[Path], None]:
    return _set(*place, value=value)


DAMAGES: dict[str, Callable[[Path], None]] = {
    **{f"{'.'.join(place)} = {value[:12]}": _with(place, value) for place in PLACES for value in WRONG},
    **{f"no {'.'.join(place)}": _with(place, "-") for place in PLACES if place[0] not in EXTRA},
    **{f"last {name} = {value[:12]}": _last_line(**{name: value})
       for name in ("epoch", "step", "split", "nll", "seconds", "steps", "other") for value in WRONG},
    **{f"{kind} for {file}": _instead(file, kind) for file in FILES for kind in KINDS},
    "run.json of nothing": _text("run.json", ""), "run.json cut": _text("run.json", '{"format": 1, "fam'),
    "run.json deep": _text("run.json", "[" * 100_000), "run.json of bytes": _text("run.json", b"\xff\xfe\0" * 99),
    "run.json deep inside": _text("run.json", '{"format": 1, "x": ' + "[" * 50_000),
    "metrics of bytes": _text("metrics.jsonl", b"\x80\x00\n" * 9), "metrics of nothing": _text("metrics.jsonl", ""),
    "metrics deep": _text("metrics.jsonl", "[" * 100_000 + "\n"), "metrics of null": _text("metrics.jsonl", "null\n"),
    "a pointer that steers": _text("checkpoints/last", "\x1b]0;x\x07"),
    "a pointer far away": _text("checkpoints/last", f"step-{LONG}"),
    "a pointer out": _text("checkpoints/best", "../../good"), "a note of bytes": _text("note.txt", b"\xff\x1b[2J\n\n"),
}  # fmt: skip
SHORT = [name for number, name in enumerate(DAMAGES) if number % 8 == 0 or " for run.json" in name]


@pytest.fixture
def among(root: Path) -> Path:
    """Two whole runs, a comparison, and one to be damaged that is the newest."""
    made_run(root, "good")
    made_run(root, "better", scores=(2.0, 1.0))
    made_comparison(root, "both", ("rnn", "lstm"), [(2.0, 1.5), (2.0, 1.25)])
    return made_run(root, "bad").path


OF_ONE = ("runs show bad", "runs verify bad", "plot-curve --run good --run bad --out x.png", "runs compare good bad",
          "runs note bad new", "runs prune --yes --keep 1 bad", "runs rename bad renamed", "sample-text --run bad",
          "report --run bad --run good --out x.html", "eval-text --run bad", "train-text --resume bad -q",
          "runs remove bad --yes")  # fmt: skip
OF_ALL = ("runs list", "runs list --json", "runs list --sort best", "runs list --csv x.csv", "runs show",
          "runs show last",
          "plot-curve --out y.png", "runs prune --keep 1 --yes", "runs show good", "runs compare good bette",
          "runs compare good better", "train-text --resume last")  # fmt: skip


def _check_list(cli, damage: str) -> str:
    """The list is whole, but for the damaged run; gives back its state."""
    outcome = cli("runs", "list", "--json")
    assert outcome.code == 0, (damage, outcome.err)
    rows = {row["run"]: row for row in json.loads(outcome.out)["runs"]}
    assert {"good", "better", "both"} <= rows.keys(), damage
    assert [rows[name]["state"] for name in ("good", "better", "both")] == ["finished", "stopped", "finished"], damage
    if "bad" not in rows:
        return "none"
    if rows["bad"]["state"] == "damaged":
        assert json.loads(outcome.out)["runs"][-1]["run"] == "bad", "it is listed last"
        assert rows["bad"]["problem"]
        assert "bad is damaged: " in cli("runs", "list").err
    return rows["bad"]["state"]


def _check(cli, line: str, damage: str) -> None:
    outcome = cli(*line.split())
    told = (damage, line, outcome.code, outcome.err)
    assert outcome.code in DOCUMENTED, told
    assert not any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in outcome.out + outcome.err), told


@pytest.mark.parametrize("damage", [
    pytest.param(name, marks=() if name in SHORT else pytest.mark.sweep) for name in DAMAGES
])  # fmt: skip
def test_each_run_of_a_list_stands_for_itself(cli, root, among, damage: str) -> None:
    DAMAGES[damage](among)
    _check_list(cli, damage)


def _marks_of(damage: str) -> tuple[pytest.MarkDecorator, ...]:
    number = SHORT.index(damage) if damage in SHORT else None
    often = number is not None and number % 16 == 0
    return () if often else (pytest.mark.sweep,) if number is not None and number % 4 == 0 else (pytest.mark.nightly,)


@pytest.mark.parametrize("damage", [pytest.param(name, marks=_marks_of(name)) for name in DAMAGES])
def test_every_command_on_a_damaged_run_ends_with_a_documented_code(cli, root, among, damage: str) -> None:
    DAMAGES[damage](among)
    for line in (*OF_ALL, *OF_ONE):
        _check(cli, line, damage)
