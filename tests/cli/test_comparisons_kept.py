"""Comparisons are listed, removed, renamed, pruned and noted as one thing; put side by side, they are their runs."""

import json
from pathlib import Path

import pytest

from cli.mistakes import check
from genmodels.families import Run, open_runs
from genmodels.families.curves import curves
from genmodels.families.side_by_side import side_by_side
from genmodels.locks import locked
from genmodels.runs import ComparisonDir
from genmodels.runs.naming import runs_named
from genmodels.telling import Teller
from made_runs import made_comparison, made_run


@pytest.fixture
def cells(root: Path) -> ComparisonDir:
    """A finished one of two models, after a run alone."""
    made_run(root, "story")
    return made_comparison(root, "cells", ("rnn", "lstm"), [(3.0, 2.0, 1.75, 1.5), (2.5, 1.25, 1.0, 1.125)])


def listed(cli, *options: str) -> dict[str, dict]:
    return {row["run"]: row for row in json.loads(cli("runs", "list", *options, "--json").out)["runs"]}


def test_a_comparison_has_the_facts_of_a_run(cli, cells: ComparisonDir) -> None:
    rows = listed(cli)
    assert list(rows) == ["story", "cells"]
    assert rows["story"].keys() < rows["cells"].keys() - {"init_from"} | {"init_from"}
    assert (rows["cells"]["state"], rows["cells"]["best"], rows["cells"]["best_epoch"]) == ("finished", 1.0, 3)
    assert [one["run"] for one in rows["cells"]["members"]] == ["cells/rnn", "cells/lstm"]
    assert list(listed(cli, "cell*")) == ["cells"]
    assert list(listed(cli, "--state", "stopped")) == []
    line = next(line for line in cli("runs", "list").out.splitlines() if line.startswith("cells"))
    assert line.split("\t")[2:] == ["text 2 compared", "corpus.txt", "finished", "nll 1.0000 nats/char"]


def test_a_stopped_comparison_says_how_many_of_its_runs_are_trained(cli, root: Path) -> None:
    made_comparison(root, "cells", ("rnn", "gru", "lstm"), [(3.0, 2.0, 1.5, 1.25), (2.0, 1.5)])
    outcome = cli("runs", "list")
    assert "\tstopped, 1 of 3 runs\t" in outcome.out
    assert "next: genmodels train-text --resume runs/cells\n" in outcome.err
    with locked(root / "cells" / "gru" / ".lock", "gru", print):
        assert listed(cli)["cells"]["state"] == "training now"


def test_what_is_to_be_removed_says_how_many_runs_a_comparison_has_and_not_their_unequal_epochs(
    cli, root: Path
) -> None:
    made_comparison(root, "uneven", ("rnn", "lstm"), [(3.0, 2.0, 1.9, 1.8), (2.5, 1.5)])
    outcome = cli("runs", "remove", "uneven", "--yes")
    assert outcome.code == 0, outcome.err
    row = next(line for line in (outcome.err + outcome.out).splitlines() if line.startswith("uneven"))
    assert row.split("\t")[1:4] == ["corpus.txt", "2 runs", "nll 1.5000 nats/char"]


def test_a_comparison_is_removed_whole(cli, root: Path, cells: ComparisonDir) -> None:
    assert "remove 2 runs for good, " in cli("runs", "remove", "cells").err
    outcome = cli("runs", "remove", "cells", "--yes")
    assert (outcome.code, outcome.out) == (0, "cells is removed\n"), outcome.err
    assert [path.name for path in root.iterdir()] == ["story"]


@pytest.mark.parametrize("held", ["lstm/.lock", ".lock"])
@pytest.mark.parametrize("command", [("remove", "cells", "--yes"), ("rename", "cells", "nets")])
def test_a_comparison_stays_while_it_or_one_of_its_runs_is_trained(cli, cells: ComparisonDir, command, held) -> None:
    with locked(cells.path / held, "it", print):
        assert listed(cli)["cells"]["state"] == "training now"
        check(cli("runs", *command), 4, "is being trained by another process")
    assert (cells.path / "rnn" / "run.json").exists()


@pytest.mark.parametrize("command", [("remove", "--yes"), ("rename", "net")])
@pytest.mark.parametrize("named", [("cells/lstm",), ("runs/cells/lstm",), ("lstm", "--runs", "runs/cells")])
def test_one_run_of_a_comparison_is_never_changed_alone(cli, cells: ComparisonDir, command, named) -> None:
    outcome = cli("runs", command[0], named[0], *command[1:], *named[1:])
    check(outcome, 4, "is one of the runs of the comparison cells, which stays whole")
    elsewhere = " with --runs " in outcome.err
    assert outcome.err.endswith("cells; all of its runs go with it.\n")
    assert elsewhere == ("--runs" in named)
    assert (cells.path / "lstm" / "run.json").exists()


def test_what_names_a_comparison_learns_its_new_name(cli, root: Path, cells: ComparisonDir) -> None:
    made_run(root, "child", init_from="cells/lstm")
    made_run(root, "other", init_from="story")
    outcome = cli("runs", "rename", "cells", "nets")
    assert (outcome.code, outcome.out) == (0, "runs/nets\n"), outcome.err
    assert "child began with its weights, and now names nets" in outcome.err
    told = "has the old name in its title; once it is removed, --resume runs/nets draws it anew"
    assert f"note: runs/nets/comparison.png {told}" in outcome.err
    assert json.loads((root / "child" / "run.json").read_text())["init_from"] == "nets/lstm"
    assert json.loads((root / "other" / "run.json").read_text())["init_from"] == "story"
    result = json.loads((root / "nets" / "comparison.json").read_text())["result"]
    assert result["title"] == "nets: validation text, carried protocol"
    assert [row["run"] for row in result["facts"]["comparison"]] == ["nets/rnn", "nets/lstm"]
    assert (root / "nets" / "comparison.csv").read_text() == "model,run\nrnn,nets/rnn\nlstm,nets/lstm\n"
    assert cli("runs", "show", "nets").code == 0


def test_the_runs_of_a_comparison_are_pruned(cli, cells: ComparisonDir) -> None:
    outcome = cli("runs", "prune", "--yes")
    assert outcome.code == 0, outcome.err
    kept = {
        run: sorted(path.name for path in (cells.path / run / "checkpoints").glob("*-*")) for run in ("rnn", "lstm")
    }
    assert kept == {"rnn": ["epoch-0004"], "lstm": ["epoch-0003", "epoch-0004"]}
    assert json.loads(cli("runs", "prune", "cells", "--json").out)["runs"] == []
    assert json.loads(cli("runs", "list", "--json").out)["runs"][-1]["state"] == "finished"


def test_a_comparison_side_by_side_is_its_runs(cli, cells: ComparisonDir) -> None:
    outcome = cli("runs", "compare", "cells")
    assert outcome.out.splitlines()[0].split("\t") == ["what", "cells/rnn", "cells/lstm"]
    assert cli("runs", "compare", "story", "cells").out.splitlines()[0].split("\t")[1:] == [
        "story", "cells/rnn", "cells/lstm"
    ]  # fmt: skip
    assert cli("runs", "compare", "story", "cells/l*").out.splitlines()[0].split("\t")[1:] == ["story", "cells/lstm"]


@pytest.mark.parametrize("reference", ["*lstm", "cells", "cells/*", "*"])
def test_a_name_means_the_same_runs_to_what_reads_them_and_to_what_keeps_them(
    root: Path, cells: ComparisonDir, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    made_run(root, "my-lstm")
    named = [run.name for run in runs_named(root, [reference])]
    assert [run.name for run in open_runs(root, [reference], Run, Teller())] == named
    monkeypatch.chdir(root.parent)
    twice = [f"runs/{named[0]}", str(root / named[0]), named[0]]
    assert [run.name for run in open_runs(Path("runs"), twice, Run, Teller())] == named[:1]


def test_a_note_is_kept_with_a_comparison(cli, cells: ComparisonDir) -> None:
    assert cli("runs", "note", "cells", "of the lecture").out == "of the lecture\n"
    assert listed(cli)["cells"]["note"] == "of the lecture"
    assert "note: of the lecture" in cli("runs", "show", "cells").err


def test_a_damaged_comparison_can_be_removed(cli, root: Path, cells: ComparisonDir) -> None:
    (cells.path / "comparison.json").write_text("{")
    assert listed(cli)["cells"]["state"] == "damaged"
    check(cli("runs", "rename", "cells", "nets"), 4, "comparison.json")
    assert cli("runs", "remove", "cells", "--yes").code == 0
    assert not cells.path.exists()


def test_what_is_whole_of_a_damaged_one_is_named(cli, cells: ComparisonDir) -> None:
    (cells.path / "rnn" / "checkpoints" / "epoch-0001" / "model.safetensors").write_bytes(b"torn")
    outcome = cli("runs", "verify")
    assert outcome.code == 4
    assert "\ncells/rnn/epoch-0001\t" in f"\n{outcome.out}", "the line alone says whose it is"
    assert "note: comparison cells, of 2 runs\n" in outcome.err
    assert "hint: of cells/rnn: --epoch or --epochs reads what is whole: 2-4; " in outcome.err


def test_runs_that_are_not_trained_to_the_end_are_named_wherever_they_stand_side_by_side(cli, root: Path) -> None:
    cells = made_comparison(root, "cells", ("rnn", "gru", "lstm"), [(3.0, 2.0, 1.5, 1.25), (2.0, 1.5)])
    told = "not trained to the end: cells/gru (stopped, epoch 2 of 4), cells/lstm (not begun)"
    for command in ("plot-curve --run", "runs compare"):
        assert told in cli(*command.split(), "cells").err, command
        assert "not trained to the end" not in cli(*command.split(), "cells/rnn").err, "that one is, and was meant"
    runs = open_runs(root, ["cells"], Run, Teller())
    for figure in (curves(runs).figure(), side_by_side(runs).figure()):
        assert f"N{told[1:]}." in figure.texts[-1].get_text().replace("/\n", "/").replace("\n", " ")
    with locked(cells.path / "gru" / ".lock", "gru", print):
        assert "cells/gru (training now, epoch 2 of 4)" in cli("plot-curve", "--run", "cells").err


def test_the_run_that_is_read_where_none_is_named_may_be_of_a_comparison(cli, cells: ComparisonDir) -> None:
    with locked(cells.path / "lstm" / ".lock", "lstm", print):
        told = cli("runs", "verify", "--json").err
    assert "comparison cells" in told, "its first run can be read"
