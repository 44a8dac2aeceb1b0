"""Attacks on a run: what another hand changed is told by name, and what decides the result is not gone on with."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import Cli
from faults.changed import differences, quiet, refused, rewritten, sealed_run
from genmodels.errors import RunError
from genmodels.runs import RunDir
from genmodels.runs.accepting import check_as_left
from genmodels.runs.verifying import problems_of, verified
from made_runs import made_run

pytestmark = pytest.mark.faults


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return sealed_run(tmp_path)


def test_a_run_as_it_was_left_is_whole_and_goes_on_without_a_word(run: RunDir) -> None:
    said: list[str] = []
    check_as_left(run, said.append)
    assert (problems_of(run), said) == ({}, [])


def places(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each value that decides something, by the way to it."""
    yield from (("settings", name, "value") for name in document["settings"])
    yield from (("data", name) for name in document["data"])
    yield from (("plan", name) for name in document["plan"])
    yield from ((name,) for name in ("family", "created_at", "prompt"))


def another(value: Any) -> Any:
    """Another value of the same kind, as one of another kind is damage in any case."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return [*value, "another"] if isinstance(value, list) else f"{value or ''}another" if isinstance(value, str) else 7


def test_each_value_of_run_json_that_is_changed_is_named_from_what_to_what(run: RunDir) -> None:
    whole = json.loads((run.path / "run.json").read_text())
    for place in places(whole):

        def change(document: dict[str, Any], place: tuple[str, ...] = place) -> None:
            for name in place[:-1]:
                document = document[name]
            document[place[-1]] = another(document[place[-1]])

        rewritten(run, change)
        named = ".".join(name for name in place if name != "value")
        assert differences(run)["run.json"].startswith(f"{named} was "), named
        assert " and is " in problems_of(run)["run.json"]
        if named not in {"settings.device", "data.sources"}:
            assert f"{named} was" in refused(run)
        (run.path / "run.json").write_text(json.dumps(whole))
    assert problems_of(run) == {}, "in another order and with other spaces it says the same"


@pytest.mark.parametrize("taken", ["seal", "plan", "prompt"])
def test_what_is_taken_out_of_run_json_is_missed(run: RunDir, taken: str) -> None:
    rewritten(run, lambda document: document.pop(taken))
    assert "run.json" in problems_of(run)
    refused(run)


def test_what_decides_nothing_is_told_and_goes_on(run: RunDir) -> None:
    rewritten(run, lambda document: document["settings"]["device"].update(value="cpu"))
    said: list[str] = []
    check_as_left(run, said.append)
    assert said == [
        f"{run.path} is not as it was left, which decides nothing: run.json: settings.device was auto and is cpu"
    ]


def test_an_older_run_json_of_the_same_run_is_found_out(run: RunDir) -> None:
    before = (run.path / "run.json").read_bytes()
    plan = run.document()["plan"]
    run.update(plan={**plan, "total_steps": 50, "planned": [[0, 40], [40, 50]]})
    assert differences(run) == {}, "genmodels itself planned again"
    run.append_metrics({"epoch": 5, "step": 50, "split": "train", "nll": 1.0})
    from genmodels.runs.checkpoint import save_training_state

    save_training_state(run, 50, {"model": {}}, {"progress": {"step": 50}, "metrics_bytes": run.metrics_size()})
    assert differences(run) == {}
    (run.path / "run.json").write_bytes(before)
    assert "older than step-00000050" in differences(run)["run.json"]


def test_run_json_of_another_run_is_found_out(run: RunDir, tmp_path: Path) -> None:
    other = made_run(tmp_path, "other", data="other.txt")
    shutil.copy(other.path / "run.json", run.path / "run.json")
    assert "created_at was" in refused(run)
    assert "data.fingerprint was corpus.txt and is other.txt" in refused(run)


LINES: dict[str, Callable[[list[bytes], int], object]] = {
    "changed": lambda lines, i: lines.__setitem__(i, lines[i].replace(b"3.0", b"3.1").replace(b", ", b",  ", 1)),
    "removed": lambda lines, i: lines.pop(i),
    "twice": lambda lines, i: lines.insert(i, lines[i]),
    "exchanged": lambda lines, i: lines.insert(i, lines.pop((i + 1) % len(lines))),
}


@pytest.mark.parametrize("change", LINES)
def test_each_line_of_the_metrics_that_is_changed_is_told(run: RunDir, change: str) -> None:
    whole = run.metrics_path.read_bytes()
    for number in range(4):
        lines = whole.splitlines(keepends=True)
        LINES[change](lines, number)
        run.metrics_path.write_bytes(b"".join(lines))
        assert "metrics.jsonl" in problems_of(run), number
        assert "metrics.jsonl" in refused(run)


def test_the_line_that_differs_is_named(run: RunDir) -> None:
    lines = run.metrics_path.read_bytes().splitlines(keepends=True)
    run.metrics_path.write_bytes(b"".join([lines[0], lines[1].replace(b"2.0", b"2.1"), *lines[2:]]))
    assert differences(run)["metrics.jsonl"] == "line 2 is not as when epoch-0002 was saved"


def test_records_after_the_end_of_a_finished_run_are_told_and_those_after_the_last_state_of_another_are_not(
    run: RunDir, tmp_path: Path
) -> None:
    stopped = made_run(tmp_path, "stopped", scores=(3.0, 2.0))
    for one in (run, stopped):
        one.append_metrics({"epoch": 9, "step": 99, "split": "train", "nll": 0.1})
    assert "line 5 is younger than step-00000040" in differences(run)["metrics.jsonl"]
    assert differences(stopped) == {}


def exchanged(a: str, b: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / a).rename(folder / "aside")
        (folder / b).rename(folder / a)
        (folder / "aside").rename(folder / b)

    return change


def copied(folder: Path, name: str) -> None:
    other = made_run(folder.parents[1], "other", data="other.txt")
    shutil.rmtree(folder / name)
    shutil.copytree(other.checkpoints / name, folder / name)


CHECKPOINTS: dict[str, tuple[Callable[[Path], object], dict[str, str], bool]] = {
    "epochs exchanged": (
        exchanged("epoch-0001", "epoch-0002"),
        {"epoch-0001": "it holds epoch 2", "epoch-0002": "it holds epoch 1"}, True,
    ),
    "states exchanged": (
        exchanged("step-00000030", "step-00000040"),
        {"step-00000030": "it holds step 40", "step-00000040": "it holds step 30"}, True,
    ),
    "an epoch deleted": (
        lambda folder: shutil.rmtree(folder / "epoch-0002"), {"epoch-0002": "it is missing, but step-00000040"}, False,
    ),
    "the best epoch deleted": (
        lambda folder: shutil.rmtree(folder / "epoch-0004"), {"epoch-0004": "it is missing", "best": "missing"}, True,
    ),
    "an epoch of another run": (
        lambda folder: copied(folder, "epoch-0002"), {"epoch-0002": "it is of another run than step-00000040"}, True,
    ),
    "a state of another run": (
        lambda folder: copied(folder, "step-00000040"), {"run.json": "data.fingerprint was other.txt"}, True,
    ),
    "best deleted": (lambda folder: (folder / "best").unlink(), {"best": "it is missing"}, True),
    "best moved": (
        lambda folder: (folder / "best").write_text("epoch-0001\n"),
        {"best": "it points to epoch-0001, but pointed to epoch-0004"}, True,
    ),
    "best at a state": (
        lambda folder: (folder / "best").write_text("step-00000040\n"), {"best": "points to 'step-00000040'"}, True,
    ),
    "last at an epoch": (
        lambda folder: (folder / "last").write_text("epoch-0004\n"), {"last": "points to 'epoch-0004'"}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", CHECKPOINTS)
def test_checkpoints_that_are_exchanged_deleted_copied_or_pointed_away_from_are_told(run: RunDir, attack: str) -> None:
    change, expected, decides = CHECKPOINTS[attack]
    change(run.checkpoints)
    found = problems_of(run)
    for name, what in expected.items():
        assert what in found[name], found
    if decides:
        refused(run)
    else:
        check_as_left(run, quiet)


def test_a_run_without_seals_is_whole_and_goes_on_and_both_are_told(tmp_path: Path) -> None:
    run = unsealed(tmp_path)
    said: list[str] = []
    check_as_left(run, said.append)
    assert verified(run, said.append)[1] == {}
    assert said == ["old holds no seal, as an earlier version began it: changes by another hand are not found"] * 2
    rewritten(run, lambda document: document["settings"]["seed"].update(value=2))
    check_as_left(run, quiet)
    exchanged("epoch-0001", "epoch-0002")(run.checkpoints)
    assert "it holds epoch 2" in problems_of(run)["epoch-0001"]


def unsealed(folder: Path) -> RunDir:
    """A run as earlier versions wrote it."""
    from genmodels.runs.checkpoint import read_checkpoint, write_checkpoint

    run = made_run(folder, "old")
    rewritten(run, lambda document: document.pop("seal"))
    for path in run.checkpoints.iterdir():
        if path.is_dir():
            kept = read_checkpoint(path)
            state = {name: value for name, value in kept.state.items() if name not in {"seal", "format"}}
            write_checkpoint(path, kept.tensors, state)
    return run


def test_run_json_that_is_changed_while_the_run_is_trained_is_found_out(run: RunDir) -> None:
    from genmodels.runs.checkpoint import save_training_state

    rewritten(run, lambda document: document["settings"]["seed"].update(value=2))
    facts = {"progress": {"step": 40, "evaluated": 4, "best_epoch": 4}, "metrics_bytes": run.metrics_size()}
    save_training_state(run, 40, {"model": {}}, facts)
    assert "run.json: it was changed by another hand" in refused(run)
    (run.path / "run.json").write_text("{")
    save_training_state(run, 40, {"model": {}}, facts)
    assert run.pointer("last") == "step-00000040", "it is saved all the same"


# -- bits -------------------------------------------------------------------------------------------------------------


def bits_of(run: RunDir) -> list[tuple[Path, int]]:
    files = [path for path in sorted(run.path.rglob("*")) if path.is_file() and path.name != ".lock"]
    return [(path, bit) for path in files for bit in range(8 * path.stat().st_size)]


def test_a_flipped_bit_in_the_manifest_of_the_last_state_is_told(run: RunDir) -> None:
    path = run.checkpoints / str(run.pointer("last")) / "manifest.json"
    whole = path.read_bytes()
    for bit in range(8 * whole.index(b"files")):  # the beginning, of which nothing else is a sum
        path.write_bytes(bytes(byte ^ (1 << bit % 8) * (place == bit // 8) for place, byte in enumerate(whole)))
        assert path.parent.name in problems_of(run), bit


@pytest.mark.parametrize(
    "kind", ["run.json", "metrics.jsonl", "last", "best", "manifest.json", "state.json", "model.safetensors"]
)
def test_a_flipped_bit_in_each_kind_of_file_is_found_by_the_command(run: RunDir, cli: Cli, kind: str) -> None:
    for path in sorted(run.path.rglob(kind)):
        whole = path.read_bytes()
        for place in {0, len(whole) // 3, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            outcome = cli("runs", "verify", "r", "--runs", run.path.parent)
            named = kind if path.parent in (run.path, run.checkpoints) else path.parent.name
            assert outcome.code == 4, (path, place)
            assert named in outcome.out + outcome.err, (path, place)
        path.write_bytes(whole)
    assert cli("runs", "verify", "r", "--runs", run.path.parent).code == 0


@pytest.mark.parametrize(
    "count",
    [
        60,
        pytest.param(600, marks=pytest.mark.sweep),
        pytest.param(30_000, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
    ],
)
def test_a_flipped_bit_anywhere_in_a_run_is_told(tmp_path: Path, count: int) -> None:
    run = made_run(tmp_path, "r", scores=(3.0, 2.0))
    chosen = random.Random(count).sample(places := bits_of(run), min(count, len(places)))
    missed = []
    for path, bit in chosen:
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        said: list[str] = []
        try:
            found = bool(verified(run, said.append)[1] or said)
        except RunError:
            found = True
        missed += [] if found else [(path.name, bit)]
        path.write_bytes(whole)
    assert missed == []
