"""What seldom happens to runs and comparisons: each branch of `genmodels.runs`, by a real case."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genmodels.errors import RunError, UsageError
from genmodels.runs import RunDir, verifying
from genmodels.runs.accepting import accepted_in, check_as_left, size_at
from genmodels.runs.checkpoint import forget_epochs, read_checkpoint, save_epoch
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import epoch_in
from genmodels.runs.finding import _one_of, another_of, find_either, find_run, place_of
from genmodels.runs.listing import list_runs
from genmodels.runs.making import _take_name, check_plain_name, sweep_half_made
from genmodels.runs.naming import all_named, figure_of, runs_named
from genmodels.runs.newest import damaged_newer
from genmodels.runs.notes import note_of
from genmodels.runs.pruning import prune_run, spare_of
from genmodels.runs.reading import text_of
from genmodels.runs.removing import remove_run
from genmodels.runs.renaming import rename_run
from genmodels.runs.standing import goes_on_told
from genmodels.runs.verifying import problems_of, verified, way_out
from genmodels.telling import silent
from made_runs import made_comparison, made_run

pipes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return made_run(tmp_path, "r")


@pytest.fixture
def cells(tmp_path: Path) -> ComparisonDir:
    return made_comparison(tmp_path, "cells", ["rnn", "lstm"], [[3.0], [2.0]])


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """A JSON file as an editor leaves it."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def refusal(call: Callable[[], object], kind: type[RunError | UsageError] = RunError) -> tuple[str, str]:
    with pytest.raises(kind) as told:
        call()
    return told.value.what, str(told.value.hint)


# -- found by name ----------------------------------------------------------------------------------------------------


def test_a_hint_names_a_run_that_would_do(tmp_path: Path, run: RunDir) -> None:
    assert another_of(run, ["gru", "rnn"]) == "give a run of gru or rnn."
    made_run(tmp_path, "untrained", scores=(), settings={"model": "gru"})
    shutil.copytree(run.path, tmp_path / "damaged")
    (tmp_path / "damaged" / "run.json").write_text("{")
    assert another_of(run, ["gru", "rnn"]) == "give a run of gru or rnn."
    made_run(tmp_path, "other", settings={"model": "gru"})
    assert another_of(run, ["gru", "rnn"]) == f"name another run, such as {tmp_path / 'other'}."


def test_a_run_of_another_family_is_told_with_what_there_is_instead(tmp_path: Path) -> None:
    made_run(tmp_path, "v", "vae")

    def hint() -> str:
        what, told = refusal(lambda: find_run(tmp_path, "v", "text"))
        assert what == f"{tmp_path / 'v'} is a vae run, but this command needs a text run"
        return told

    assert hint() == "genmodels train-text makes one."
    begun = made_run(tmp_path, "t", scores=())
    assert hint() == f"genmodels train-text --resume {tmp_path / 't'} goes on with it."
    with begun.locked(silent):
        assert hint().endswith("when it has a finished epoch: it is being trained now.")
    made_run(tmp_path, "u", scores=(1.0,))
    assert hint() == f"name another run, such as {tmp_path / 'u'}."


def test_an_empty_name_or_one_of_nothing_is_told(tmp_path: Path, cells: ComparisonDir) -> None:
    assert refusal(lambda: find_run(tmp_path, ""), UsageError)[0] == "the run's name is empty"
    rewritten(cells.path / "comparison.json", lambda document: document["members"].update(gru={}))
    what, hint = refusal(lambda: place_of(tmp_path, "cells/gru"))
    assert (what, hint) == (f"{cells.path / 'gru'} has not begun yet", cells.way_on())
    with cells.locked(silent):
        assert cells.way_on() == "cells is being trained now: ask again when it has got further."
    assert (
        _one_of(cells).what
        == f"{cells.path} is a comparison of several runs (cells/rnn, cells/lstm), and one is needed"
    )
    assert refusal(lambda: find_run(tmp_path, "cells"))[0] == _one_of(cells).what
    assert find_either(tmp_path, None) == cells
    assert list_runs(tmp_path / "nowhere") == []


def test_names_and_patterns_mean_runs_or_are_told(tmp_path: Path, cells: ComparisonDir) -> None:
    assert all_named(tmp_path, ["last"]) == [cells]
    what, hint = refusal(lambda: runs_named(tmp_path, ["x*"]))
    assert what == f"no run in {tmp_path} is called x*"
    assert hint == f"genmodels runs list --runs {tmp_path} shows what there is."
    assert [one.path.name for one in runs_named(tmp_path, ["cells/l*"])] == ["lstm"]
    (tmp_path / "none").mkdir()
    assert "none" in refusal(lambda: runs_named(tmp_path, [str(tmp_path / "none")]))[0]


def test_a_figure_of_several_runs_is_called_after_them(tmp_path: Path, run: RunDir) -> None:
    other, many = made_run(tmp_path, "s"), [made_run(tmp_path, f"{n}{'x' * 90}", scores=()) for n in range(3)]
    assert figure_of([run, other], "curve").name == "curve-with-s.png"
    assert figure_of([run, *many], "curve").name == "curve-with-3-runs.png"


def test_a_damaged_run_is_taken_for_newer_where_nothing_says_when_it_began(tmp_path: Path, run: RunDir) -> None:
    damaged = made_run(tmp_path, "d")
    (damaged.path / "run.json").write_text("{")
    os.utime(damaged.path / "run.json", (0, 0))
    os.utime(damaged.path, (0, 0))
    assert damaged_newer(tmp_path, run) is None
    rewritten(run.path / "run.json", lambda document: document.update(created_at="yesterday"))
    assert damaged_newer(tmp_path, run) == damaged


@pytest.mark.parametrize("epoch", ["1", None])
def test_an_epoch_that_is_no_number_is_none(epoch: object) -> None:
    with pytest.raises(TypeError, match="epoch"):
        epoch_in({"epoch": epoch})


# -- made, renamed, pruned --------------------------------------------------------------------------------------------


def test_a_name_is_a_text() -> None:
    assert refusal(lambda: check_plain_name(7), UsageError)[0] == "name is 7, but it must be a text"  # type: ignore[arg-type]


def test_a_name_that_another_takes_at_the_last_moment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden, path = tmp_path / ".tmp-r", tmp_path / "r"
    with pytest.raises(FileNotFoundError):
        _take_name(hidden, path)
    hidden.mkdir()
    rename = Path.rename

    def raced(self: Path, target: Path) -> Path:
        (target / "full").mkdir(parents=True)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", raced)
    assert "exists already" in refusal(lambda: _take_name(hidden, path), UsageError)[0]


def test_what_looks_half_made_and_holds_more_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.runs.making.NOBODY_MAKES", -1.0)
    names = {name: tmp_path / f".tmp-{name}-1-0123456789abcdef" for name in ("new", "file", "more")}
    names["new"].mkdir()
    names["file"].write_text("mine")
    (names["more"] / "mine").mkdir(parents=True)
    sweep_half_made(tmp_path)
    assert {name for name, path in names.items() if path.exists()} == {"file", "more"}


def test_what_earlier_versions_left_half_made_or_half_removed_is_swept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = made_run(tmp_path, "killed").path.rename(tmp_path / ".tmp-killed-17-0123ab")
    (tmp_path / ".tmp-new-17-0123abcd" / "checkpoints").mkdir(parents=True)
    (tmp_path / ".tmp-full-17-0123abcd" / "mine").mkdir(parents=True)
    for name in (".tmp-mine-17-0123abc", ".tmp-empty-17-0123ab", ".tmp-mine-17-0123abcg"):
        (tmp_path / name).mkdir()
    run = made_run(tmp_path, "story")
    assert removed.exists(), "they are young"
    assert (tmp_path / ".tmp-new-17-0123abcd").exists()
    monkeypatch.setattr("genmodels.runs.making.NOBODY_MAKES", -1.0)
    monkeypatch.setattr("genmodels.runs.removing.NOBODY_REMOVES", -1.0)
    sweep_half_made(tmp_path)
    remove_run(tmp_path, run, silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".tmp-empty-17-0123ab", ".tmp-full-17-0123abcd", ".tmp-mine-17-0123abc", ".tmp-mine-17-0123abcg",
    ]  # fmt: skip


def test_what_another_process_sweeps_in_this_moment_stops_no_new_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.runs.making.left_in", lambda *_, **__: iter([tmp_path / "gone"]))
    assert made_run(tmp_path, "story").epochs() == [1, 2, 3, 4]


def test_the_best_epoch_is_forgotten_on_the_disk_before_its_weights_go(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    best = run.checkpoints / "best"
    monkeypatch.setattr("genmodels.runs.checkpoint.sync_directory", lambda path: done.append((path, best.exists())))
    monkeypatch.setattr("genmodels.runs.checkpoint.remove_directory", lambda path: done.append(path.name))
    forget_epochs(run, 0, None)
    assert done == [(run.checkpoints, False), "epoch-0001", "epoch-0002", "epoch-0003", "epoch-0004"]


def test_a_page_in_which_the_old_name_stands_is_told_with_the_command_that_makes_it_anew(tmp_path: Path) -> None:
    run = made_run(tmp_path, "old")
    said: list[str] = []
    rename_run(tmp_path, run, "older", said.append)
    assert said == []
    for page in (tmp_path / "older" / "report.html", tmp_path / "older" / "figures" / "report.html"):
        page.parent.mkdir(exist_ok=True)
        page.write_text("older")
    new = rename_run(tmp_path, RunDir(tmp_path / "older"), "new", said.append).run
    pages = [new.path / "report.html", new.path / "figures" / "report.html"]
    anew = "has the old name in it, until it is made anew: genmodels report --run"
    assert said == [f"{page} {anew} {new.quoted} --out {page}" for page in pages]


def test_a_run_that_has_the_name_of_what_it_began_with_is_no_child_of_its_own(tmp_path: Path) -> None:
    run = made_run(tmp_path, "b")
    run.update(init_from="b")
    renamed = rename_run(tmp_path, run, "c", silent)
    assert (renamed.children, renamed.run.document()["init_from"]) == ([], "b")


@pytest.mark.parametrize(("name", "such"), [("mein Modell ä", ", such as mein-Modell-ä."), ("/", "inside, '-'.")])
def test_what_can_t_name_a_run_is_answered_with_a_name_that_can(name: str, such: str) -> None:
    with pytest.raises(UsageError, match="cannot name a run") as refused:
        check_plain_name(name, "--name")
    assert refused.value.hint.endswith(such)


def test_a_comparison_without_result_or_table_is_renamed(tmp_path: Path) -> None:
    begun = made_comparison(tmp_path, "begun", ["rnn", "lstm"], [[3.0]])
    said: list[str] = []
    renamed = rename_run(tmp_path, begun, "other", said.append)
    assert (renamed.run.path, said) == (tmp_path / "other", [])
    ours = made_comparison(tmp_path, "cells", ["rnn", "lstm"], [[3.0], [2.0]])
    for number, content in enumerate((b"a,b\n1,2\n", b"run\n\xff", b"run\n" + b"x" * 200_000)):  # somebody's own
        ours.table.write_bytes(content)
        renamed = rename_run(tmp_path, ours, f"again-{number}", silent)
        assert renamed.run.name == f"again-{number}"
        ours = ComparisonDir(renamed.run.path)
        assert ours.table.read_bytes() == content


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_nothing_that_a_link_leads_to_is_pruned(tmp_path: Path, run: RunDir) -> None:
    moved = run.checkpoints.rename(tmp_path / "elsewhere")
    run.checkpoints.symlink_to(moved)
    assert spare_of(run).paths == ()
    assert prune_run(run, (), silent).bytes == 0
    assert len(list(moved.glob("epoch-*"))) == 4


def test_a_finished_run_whose_states_were_pruned_is_not_said_to_go_on(run: RunDir) -> None:
    assert goes_on_told(run, "cpu").endswith("is finished; with --epochs 14, or --minutes for so many more, it goes on")
    prune_run(run, (), silent)
    assert goes_on_told(run, "cpu") == f"{run.path} is finished, and its training states are removed"


def test_a_run_without_anything_to_spare_stays(tmp_path: Path) -> None:
    run = made_run(tmp_path, "r", scores=(1.0,), planned=5)
    assert not prune_run(run, (), silent).paths
    assert (run.epochs(), run.steps()) == ([1], [10])


def test_epochs_after_a_state_go_and_with_them_what_points_to_the_best(run: RunDir) -> None:
    forget_epochs(run, 2, 2)
    assert (run.epochs(), run.pointer("best")) == ([1, 2], "epoch-0002")
    forget_epochs(run, 0, None)
    assert (run.epochs(), run.pointer("best")) == ([], None)


def test_the_epochs_that_are_kept_are_told(run: RunDir) -> None:
    shutil.rmtree(run.checkpoints / "epoch-0003")
    assert run.kept_told() == "1-2, 4"


def test_records_that_a_state_counts_and_that_are_gone_are_told(run: RunDir) -> None:
    run.metrics_path.unlink()
    run.truncate_metrics(0)
    what, _ = refusal(lambda: run.truncate_metrics(9))
    assert what == f"{run.metrics_path} is missing, but its checkpoint counts 9 bytes of it"


def test_a_run_without_a_folder_of_checkpoints_has_none(run: RunDir) -> None:
    shutil.rmtree(run.checkpoints)
    assert (run.epochs(), run.steps()) == ([], [])


# -- comparisons that are damaged -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "1"}, "it names no format"), ({"format": 99}, "has comparison format 99"),
        ({"members": []}, "it holds no valid members"), ({"settings": [1]}, "it holds no valid settings"),
        ({"members": {"..": {}}}, "it holds no valid .."), ({"settings": {"seed": 1}}, "it holds no valid seed"),
    ],
)  # fmt: skip
def test_a_damaged_comparison_is_a_sentence(cells: ComparisonDir, change: dict[str, Any], told: str) -> None:
    rewritten(cells.path / "comparison.json", lambda document: document.update(change))
    assert told in refusal(cells.document)[0]


def test_what_a_comparison_is_to_be_lengthened_by_is_whole_or_told(cells: ComparisonDir) -> None:
    assert cells.further() == {"asked": {}, "left": []}
    for wrong in (1, {"asked": 1, "left": []}, {"asked": {}, "left": {}}, {}):
        rewritten(cells.path / "comparison.json", lambda document, wrong=wrong: document.update(further=wrong))
        assert "it holds no valid further" in refusal(cells.further)[0]


def test_the_files_of_a_comparison_are_no_links(cells: ComparisonDir) -> None:
    assert cells.files_to_write() == (cells.figure, cells.table)


def test_what_is_left_of_a_member_is_seen(cells: ComparisonDir) -> None:
    (cells.member("rnn").path / "run.json").unlink()
    assert [run.name for run in cells.headless()] == ["cells/rnn"]
    shutil.rmtree(cells.member("lstm").path)
    (cells.member("lstm").checkpoints).mkdir(parents=True)
    assert [run.name for run in cells.headless()] == ["cells/rnn"]


# -- what other hands changed -----------------------------------------------------------------------------------------


@pipes
def test_pipes_in_a_run_are_told_and_not_waited_for(run: RunDir) -> None:
    for name in ("note.txt", "metrics.jsonl", "checkpoints/best"):
        path = run.path / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        if name.startswith("note"):
            assert note_of(run) is None
        else:
            assert path.name in problems_of(run), problems_of(run)
        if name.startswith("metrics"):
            assert "it is a pipe" in refusal(lambda path=path: text_of(path))[0]
            assert "metrics.jsonl cannot be read: it is a pipe" in refusal(lambda: check_as_left(run, silent))[0]
        path.unlink()


def test_a_run_that_is_being_trained_is_not_compared_with_its_seals(run: RunDir) -> None:
    rewritten(run.path / "run.json", lambda document: document["settings"]["seed"].update(value=2))
    with run.locked(silent):
        check_as_left(run, pytest.fail)
    with pytest.raises(RunError, match="seed"):
        check_as_left(run, silent)


# -- what is saved and sealed -----------------------------------------------------------------------------------------


def damage(run: RunDir, *names: str) -> None:
    for name in names:
        path = run.checkpoints / name / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-1])


def test_where_no_training_state_is_whole_accepting_changes_goes_back_to_none(run: RunDir) -> None:
    damage(run, "step-00000030", "step-00000040")
    rewritten(run.path / "run.json", lambda document: document["settings"]["seed"].update(value=2))
    check_as_left(run, silent, accept=True)
    assert (run.steps(), run.epochs(), len(run.metrics())) == ([30, 40], [1, 2, 3, 4], 4)


def test_where_records_were_changed_too_accepting_goes_back_to_those_of_the_whole_state(run: RunDir) -> None:
    damage(run, "step-00000040")
    lines = run.metrics_path.read_text().splitlines(keepends=True)
    run.metrics_path.write_text("".join([lines[0].replace("3.0", "2.9"), *lines[1:]]))
    check_as_left(run, silent, accept=True)
    assert (run.steps(), run.epochs(), [one["epoch"] for one in run.metrics()]) == ([30], [1, 2, 3], [1, 2, 3])


def test_of_a_state_older_than_what_was_accepted_the_records_of_its_steps_count(run: RunDir) -> None:
    lines = run.metrics_path.read_text().splitlines(keepends=True)
    run.metrics_path.write_text("".join([lines[0].replace("3.0", "2.99"), *lines[1:]]))
    check_as_left(run, silent, accept=True)
    older, newer = (read_checkpoint(run.checkpoints / f"step-000000{step}").state for step in (30, 40))
    assert size_at(run, older) == len("".join(lines[:3])) + 1
    assert size_at(run, newer) == len("".join(lines)) + 1


def test_what_is_no_record_of_accepted_changes_is_none() -> None:
    whole = {"at": "today", "changes": {"run.json": "the seed"}}
    document = {"accepted": [1, {"changes": 1}, whole]}
    assert list(accepted_in(document)) == [("today", "run.json: the seed")]
    assert list(accepted_in({"accepted": 1})) == []


def test_a_checkpoint_of_an_earlier_version_among_sealed_ones_is_told(run: RunDir) -> None:
    state = run.checkpoints / "epoch-0002"
    whole = read_checkpoint(state)
    shutil.rmtree(state)
    document = (run.path / "run.json").read_text()
    rewritten(run.path / "run.json", lambda document: document.pop("seal"))  # as an earlier version had it
    save_epoch(run, 2, whole.tensors, {"epoch": 2})
    (run.path / "run.json").write_text(document)
    assert problems_of(run)["epoch-0002"].startswith("it holds no seal, but the others do; ")


def test_an_epoch_that_the_newest_state_does_not_count_is_told(run: RunDir) -> None:
    size = run.metrics_size()
    run.truncate_metrics(size)
    content = run.metrics_path.read_bytes()
    run.metrics_path.write_bytes(content[: content.index(b"\n") + 1])
    save_epoch(
        run, 7, {"model": {"weight": np.zeros(9, np.float32)}}, {"epoch": 7}
    )  # by a copy that had not got as far
    run.metrics_path.write_bytes(content)
    assert problems_of(run)["epoch-0007"] == "step-00000040 does not count it"


# -- verified ---------------------------------------------------------------------------------------------------------


def test_a_damaged_run_json_is_told_with_what_is_left_to_do(run: RunDir) -> None:
    rewritten(run.path / "run.json", lambda document: document["settings"]["seed"].update(value=2))
    found = problems_of(run)
    assert "seed" in found["run.json"]
    further = f"genmodels train-text --resume {run.path} --accept-changes goes on with it."
    assert way_out(run, found) == f"restore it from a copy, or accept what was changed: {further}"
    (run.path / "run.json").write_text("{")
    assert "run.json is damaged: it is not valid JSON" in refusal(lambda: verified(run))[0]
    assert way_out(run, {"run.json": "damaged"}) == "restore run.json from a copy; nothing else says what the rest is."
    assert way_out(run, {"metrics.jsonl": "gone"}).startswith("restore metrics.jsonl from a copy; ")


def test_damage_is_told_of_a_run_in_which_something_changes_all_the_time(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(run, "epoch-0002")
    look, notes = verifying._of_checkpoints, []

    def meanwhile(found: RunDir) -> dict[str, str]:
        notes.append("x")
        (run.path / "note.txt").write_text("".join(notes))
        return look(found)

    monkeypatch.setattr(verifying, "_of_checkpoints", meanwhile)
    assert "epoch-0002" in problems_of(run)
    assert len(notes) == verifying.LOOKS


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_note_that_breaks_off_is_told(run: RunDir) -> None:
    (run.path / "note.txt").symlink_to("/proc/self/mem")  # which opens, and whose beginning nobody can read
    assert note_of(run) == "(note.txt cannot be read: Input/output error)"
