"""Pruning, removing and renaming at their edges: parts of epochs, full disks, links, what a killed training left."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import genmodels
from doors import Cli
from genmodels.durable import read_json
from genmodels.errors import ResourceError
from genmodels.families import keeping
from genmodels.runs import ComparisonDir, RunDir
from genmodels.runs.epochs import name_of
from genmodels.runs.parts import save_part
from genmodels.runs.pruning import Spare, prune_run
from made_runs import made_comparison, made_run

WEIGHTS = {"model": {"weight": np.zeros(1000, dtype=np.float32)}}


# -- pruning ------------------------------------------------------------------------------------------


def test_weights_inside_epochs_go_with_their_samples_and_every_run_is_pruned(cli: Cli, root: Path) -> None:
    for name in ("first", "second"):
        run = made_run(root, name)
        for number in (0.25, 0.5, 1, 4):
            run.write_sample(f"{name_of(number)}.txt", b"text")
        for number in (0.25, 0.5):
            save_part(run, number, WEIGHTS, {"epoch": number, "step": round(10 * number)})
    outcome = cli("runs", "prune", "--yes")
    assert (outcome.code, outcome.out[-7:]) == (0, " freed\n"), outcome.err
    for run in (RunDir(root / "first"), RunDir(root / "second")):
        assert (run.kept(), run.steps()) == ([4], [])
        assert sorted(path.name for path in (run.path / "samples").iterdir()) == ["epoch-0001.txt", "epoch-0004.txt"]


def test_epochs_that_are_too_many_to_be_named_are_told_in_words(cli: Cli, root: Path) -> None:
    run = made_run(root, "story")
    for number in (0.25, 0.5, 0.75, 1.25, 1.5, 1.75, 2.5):
        save_part(run, number, WEIGHTS, {"epoch": number, "step": round(10 * number)})
    told = cli("runs", "prune", "--yes").err
    assert "of story, 1-3, 7 parts of epochs from 0.25 to 2.5 can't be read any more; 4 can\n" in told


def test_what_is_freed_is_what_was_deleted_also_where_one_run_could_not_be(
    cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_run(root, "first")
    made_run(root, "second", scores=(3.0, 2.0), planned=2)

    def pruned(run: RunDir, *more: object) -> Spare:
        if run.name == "first":
            raise ResourceError("cannot write runs/first/checkpoints: Permission denied")
        return prune_run(run, *more)

    monkeypatch.setattr(keeping, "prune_run", pruned)
    outcome = cli("runs", "prune", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    assert "note: first could not be pruned: cannot write runs/first/checkpoints: Permission denied" in outcome.err
    facts = json.loads(outcome.out)
    assert [row["run"] for row in facts["runs"]] == ["second"]
    assert facts["bytes"] == facts["runs"][0]["bytes"] > 0
    assert "Permission denied" in facts["passed_over"]["first"]
    assert RunDir(root / "second").epochs() == [2]


def test_a_run_whose_last_epoch_was_never_saved_is_stopped_and_keeps_what_it_goes_on_from(cli: Cli, root: Path) -> None:
    """As a full disk or a kill leaves it between the record of the last evaluation and the weights."""
    run = made_run(root, "story")
    shutil.rmtree(run.checkpoints / "epoch-0004")
    run.point("best", "epoch-0003")
    assert json.loads(cli("runs", "show", "story", "--json").out)["state"] == "stopped"
    assert cli("runs", "prune", "--yes").code == 0
    assert (run.epochs(), run.steps()) == ([3], [30, 40])
    shutil.rmtree(run.checkpoints / "step-00000030")
    shutil.rmtree(run.checkpoints / "step-00000040")
    (run.checkpoints / "last").unlink()
    assert "training state" in cli("runs", "verify", "story").out, "without one, what is missing can't be trained"


def test_an_epoch_to_keep_that_no_run_has_is_refused_before_anything_is_gone(cli: Cli, root: Path) -> None:
    run = made_run(root, "story")
    outcome = cli("runs", "prune", "--keep", "2,7-9", "--yes")
    assert outcome.code == 2
    assert "--keep 7-9: none of these runs has the weights of such epochs" in outcome.err
    assert "hint: kept are epochs 1-4; without --keep the best and the last stay." in outcome.err
    assert (run.epochs(), run.steps()) == ([1, 2, 3, 4], [30, 40])
    assert cli("runs", "prune", "--keep", "2", "--yes").code == 0
    assert 2 in run.epochs()


def test_parts_of_epochs_are_kept_by_the_numbers_that_name_them_everywhere(cli: Cli, root: Path) -> None:
    story, young = made_run(root, "story"), made_run(root, "young", scores=())
    for run in (story, young):
        for number in (0.25, 0.5):
            save_part(run, number, WEIGHTS, {"epoch": number, "step": round(10 * number)})
    refused = cli("runs", "prune", "--keep", "0.75", "--yes")
    assert refused.code == 2
    assert "--keep 0.75: none of these runs has the weights of such epochs" in refused.err
    assert "hint: kept are epochs 0.25, 0.5, 1-4; without" in refused.err
    assert cli("runs", "prune", "--keep", "0.27,2,latest", "--yes").code == 0
    assert story.kept() == [0.25, 2, 4], "a part is taken for one that lies near"
    assert young.kept() == [0.25, 0.5]
    genmodels.prune_runs(runs=root, keep=2)
    assert story.kept() == [2, 4]
    assert young.kept() == [0.5], "the last of a run that has none of those to keep"


def test_an_epoch_that_was_cut_short_has_one_name_wherever_it_is_told(cli: Cli, root: Path) -> None:
    run = made_run(root, "nov", scores=(3.0,), planned=1, cut=7)
    save_part(run, 0.1, WEIGHTS, {"epoch": 0.1, "step": 1})
    refused = cli("runs", "prune", "nov", "--keep", "99", "--yes").err
    assert "hint: kept are epochs 0.1, 0.3; without --keep" in refused, "1 was never reached"
    assert "epoch-0001 (epoch 0.3)\twhole\n" in cli("runs", "verify", "nov").out
    outcome = cli("runs", "prune", "nov", "--keep", "1", "--yes")
    assert outcome.code == 0, outcome.err
    assert "epoch 1 of nov was cut short: it is epoch 0.3\n" in outcome.err
    assert run.kept() == [1]


# -- nothing outside the runs folder, nothing of the user's own ---------------------------------------------


def test_a_link_in_a_comparison_is_not_pruned(cli: Cli, root: Path, tmp_path: Path) -> None:
    cells = made_comparison(root, "cells", ("rnn", "lstm"), [(3.0, 2.0), (2.5, 1.5)])
    far = made_run(tmp_path / "far", "lstm")
    shutil.rmtree(cells.path / "lstm")
    (cells.path / "lstm").symlink_to(far.path)
    outcome = cli("runs", "prune", "--yes")
    assert outcome.code == 0, outcome.err
    assert "cells/lstm is passed over: runs/cells/lstm is a link to " in outcome.err
    assert (far.epochs(), far.steps()) == ([1, 2, 3, 4], [30, 40])
    assert RunDir(cells.path / "rnn").epochs() == [2]


@pytest.mark.parametrize("command", [("remove", "--yes"), ("rename", "other"), ("prune", "--yes")])
def test_dots_behind_a_link_lead_nowhere_else(cli: Cli, root: Path, tmp_path: Path, command: tuple[str, str]) -> None:
    """Where runs/link leads to far/deep, runs/link/../story is far/story, though it reads as runs/story."""
    far, near = made_run(tmp_path / "far", "story"), made_run(root, "story")
    (tmp_path / "far" / "deep").mkdir()
    (root / "link").symlink_to(tmp_path / "far" / "deep")
    outcome = cli("runs", command[0], "runs/link/../story", command[1])
    assert outcome.code == 4
    assert f"say where it is: --runs {tmp_path / 'far'} story" in outcome.err
    assert far.epochs() == near.epochs() == [1, 2, 3, 4]


def test_a_run_is_removed_by_the_dot_that_means_it(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made_run(root, "story").path)
    outcome = cli("runs", "remove", ".", "--runs", "..", "--yes")
    assert outcome.code == 0, outcome.err
    assert list(root.iterdir()) == []


def test_a_removal_sweeps_nothing_of_the_user_s_own(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (".tmp-notes", ".old-config", ".tmp-build-17-0123456789abcdef", ".tmp-x-17-0123ab"):
        (root / name).mkdir(parents=True)
    (root / ".tmp-list-17-0123456789abcdef").write_text("a file")
    before = {path.name for path in root.iterdir()}
    made_run(root, "story")
    made_run(root, "killed").path.rename(root / ".tmp-killed-17-0123456789abcdef")
    monkeypatch.setattr("genmodels.runs.removing.NOBODY_REMOVES", 0.0)
    assert cli("runs", "remove", "story", "--yes").code == 0
    assert {path.name for path in root.iterdir()} == before, "of what is hidden, only the run that a removal left went"


def test_of_what_loses_its_training_states_it_is_told_which_weights_lack_something(cli: Cli, root: Path) -> None:
    made_run(root, "story")
    made_run(root, "stopped", "gan", planned=9)
    told = cli("runs", "prune", "story", "stopped").err
    assert "without its training states a run can be read as before" in told
    assert "discriminator" not in told, "the game keeps its states"
    made_run(root, "game", "gan")
    assert "the weights of game lack the discriminator\n" in cli("runs", "prune").err


# -- renaming -----------------------------------------------------------------------------------------


def test_a_new_name_falsifies_nothing_that_is_called_like_the_old_one(cli: Cli, root: Path) -> None:
    made_comparison(root, "lstm", ("gru", "lstm"), [(3.0, 2.0), (2.5, 1.5)])
    assert cli("runs", "rename", "lstm", "big").code == 0
    renamed = ComparisonDir(root / "big")
    result = renamed.document()["result"]
    assert [(row["model"], row["run"]) for row in result["facts"]["comparison"]] == [
        ("gru", "big/gru"), ("lstm", "big/lstm"),
    ]  # fmt: skip
    assert result["title"] == "big: validation text, carried protocol"
    assert renamed.table.read_text() == "model,run\ngru,big/gru\nlstm,big/lstm\n"


def test_a_title_that_begins_with_the_data_s_name_keeps_it(cli: Cli, root: Path) -> None:
    comparison = made_comparison(root, "fsdd", ("gru", "lstm"), [(3.0, 2.0), (2.5, 1.5)])
    comparison.update(
        data={"name": "fsdd"}, result={"title": "fsdd: test part", "facts": {"networks": [{"run": "fsdd/gru"}]}}
    )
    assert cli("runs", "rename", "fsdd", "nets").code == 0
    assert ComparisonDir(root / "nets").document()["result"] == {
        "title": "fsdd: test part", "facts": {"networks": [{"run": "nets/gru"}]},
    }  # fmt: skip


def test_who_began_with_an_older_run_of_that_name_is_no_child(cli: Cli, root: Path) -> None:
    story = made_run(root, "story")
    manifest = read_json(story.checkpoints / "epoch-0004" / "manifest.json")
    ours = manifest["files"]["model.safetensors"]["sha256"]
    for name, epoch, sha256 in (("child", 4, ours), ("stranger", 4, "0" * 64), ("unknown", 9, "0" * 64)):
        made_run(root, name, init_from="story", init_weights={"epoch": epoch, "sha256": sha256})
    assert "child, unknown began with the weights of story" in cli("runs", "remove", "story").err
    assert cli("runs", "rename", "story", "novel").code == 0
    assert [RunDir(root / name).document()["init_from"] for name in ("child", "stranger", "unknown")] == [
        "novel", "story", "novel",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a/b", "last", ".tmp-x", "con", "x."])
def test_what_is_wrong_with_a_new_name_speaks_of_no_flag_that_rename_lacks(cli: Cli, root: Path, name: str) -> None:
    made_run(root, "story")
    outcome = cli("runs", "rename", "story", name)
    assert outcome.code == 2
    assert f"error: the new name {name!r} " in outcome.err
    assert "--name" not in outcome.err


def test_a_comparison_is_named_by_itself_in_python(root: Path) -> None:
    """What one call gives back, the next one takes."""
    made_comparison(root, "cells", ("gru", "lstm"), [(3.0, 2.0), (2.5, 1.5)])
    renamed = genmodels.rename_run("cells", "nets", runs=root, notice=print)
    assert isinstance(renamed, ComparisonDir)
    assert genmodels.note_run(renamed, "of the lecture", runs=root) == "of the lecture"
    again = genmodels.rename_run(renamed, "cells", runs=root, notice=print)
    assert genmodels.prune_runs(again, runs=root).facts["bytes"] > 0
    assert genmodels.compare_runs([again], runs=root).facts["runs"]
    assert genmodels.remove_runs(again, runs=root) == ["cells"]


def test_a_comparison_of_which_nothing_is_begun_says_what_goes_on_with_it(cli: Cli, root: Path) -> None:
    made_comparison(root, "cells", ("gru", "lstm"), [])
    outcome = cli("sample-text", "--run", "cells")
    assert outcome.code == 4
    assert "hint: genmodels train-text --resume runs/cells goes on with it." in outcome.err
