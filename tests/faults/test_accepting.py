"""What genmodels itself changes stays sealed; what another hand changed goes on where its owner accepts it."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import genmodels
from doors import Cli
from faults.changed import quiet, refused, rewritten, sealed_run
from genmodels.errors import ResourceError, RunError
from genmodels.runs import RunDir, accepting
from genmodels.runs.accepting import accepted_told, check_as_left, size_at, way_without
from genmodels.runs.pruning import prune_run
from genmodels.runs.sealing import is_whole
from genmodels.runs.seals import Seals
from genmodels.runs.verifying import problems_of
from genmodels.training.best import choose_best
from genmodels.training.progress import Progress
from genmodels.training.reporting import QuietReporter
from made_runs import made_run

pytestmark = pytest.mark.faults


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return sealed_run(tmp_path)


# -- changes that genmodels itself makes ------------------------------------------------------------------------------


def test_what_genmodels_itself_changes_stays_sealed(run: RunDir, cli: Cli) -> None:
    root = run.path.parent
    assert cli("runs", "note", "r", "a note", "--runs", root).code == 0
    assert cli("runs", "rename", "r", "s", "--runs", root).code == 0
    renamed = RunDir(root / "s")
    assert problems_of(renamed) == {}
    prune_run(renamed, [2], quiet)
    assert (renamed.epochs(), renamed.steps(), problems_of(renamed)) == ([2, 4], [], {})
    shutil.rmtree(renamed.checkpoints / "epoch-0004")
    assert "best" in problems_of(renamed)


def test_epochs_that_keep_lets_go_are_not_missed_but_others_are(tmp_path: Path) -> None:
    from genmodels.runs.checkpoint import prune_epochs

    run = made_run(tmp_path, "r", scores=(3.0, 1.0, 2.0, 2.5), settings={"keep_epochs": 1})
    prune_epochs(run, 1)
    assert (run.epochs(), problems_of(run)) == ([2, 4], {})
    shutil.rmtree(run.checkpoints / "epoch-0004")
    assert "epoch-0004" in problems_of(run)


# -- accepting --------------------------------------------------------------------------------------------------------


def test_changes_that_are_accepted_are_recorded_and_told_and_later_ones_are_found(run: RunDir, cli: Cli) -> None:
    rewritten(run, lambda document: document["settings"]["seed"].update(value=2))
    said: list[str] = []
    check_as_left(run, said.append, accept=True)
    assert "goes on with what was changed" in said[0]
    assert problems_of(run) == {}
    (sentence,) = accepted_told(run.document())
    assert sentence.endswith(": run.json: settings.seed was 1 and is 2")
    root = run.path.parent
    assert sentence in cli("runs", "show", "r", "--runs", root).out.replace("\n", " ")
    assert sentence in cli("runs", "verify", "r", "--runs", root).err
    check_as_left(run, quiet)
    rewritten(run, lambda document: document["settings"]["seed"].update(value=3))
    assert "settings.seed was 2 and is 3" in refused(run)
    rewritten(run, lambda document: document.pop("accepted"))
    assert "settings.seed was 1" in refused(run)


def test_the_loop_in_python_looks_at_the_seals_too(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(run, lambda document: document["settings"]["seed"].update(value=2))
    trained: list[Any] = []
    monkeypatch.setattr("genmodels.training.fitting.train", lambda *given: trained.append(given))
    none: Any = None  # of a task, nothing is asked before
    given = (none, genmodels.family_of("text"), none, run, QuietReporter())
    with pytest.raises(RunError, match="seed was 1 and is 2"):
        genmodels.fit(*given)
    assert trained == []
    genmodels.fit(*given, accept_changes=True)
    assert (len(trained), len(run.document()["accepted"])) == (1, 1)


def test_nobody_trains_a_run_while_its_changes_are_accepted(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(run, lambda document: document["settings"]["seed"].update(value=2))
    held: list[bool] = []
    for name in ("_go_back", "_accept"):
        work = getattr(accepting, name)
        monkeypatch.setattr(accepting, name, lambda *of, work=work: (held.append(run.is_being_trained()), work(*of)))
    with run.locked(quiet), monkeypatch.context() as patch:
        patch.setattr(RunDir, "is_being_trained", lambda _: False)  # it begins in the moment after
        with pytest.raises(RunError, match="is being trained by another process"):
            check_as_left(run, quiet, accept=True)
    assert (held, "accepted" in run.document()) == ([], False)
    check_as_left(run, quiet, accept=True)
    assert (held, len(run.document()["accepted"])) == ([True, True], 1)
    assert not run.is_being_trained()


def test_a_change_that_decides_nothing_is_sealed_while_nobody_trains(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten(run, lambda document: document["settings"]["device"].update(value="cpu"))
    with run.locked(quiet), monkeypatch.context() as patch:
        patch.setattr(RunDir, "is_being_trained", lambda _: False)
        with pytest.raises(RunError, match="is being trained by another process"):
            check_as_left(run, quiet)
    said: list[str] = []
    check_as_left(run, said.append)
    assert "which decides nothing" in said[0]
    assert is_whole(run.document())


def test_what_a_link_leads_to_stays_where_changes_are_accepted(run: RunDir, tmp_path: Path) -> None:
    weights = run.checkpoints / "step-00000040" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    elsewhere = run.checkpoints.rename(tmp_path / "elsewhere")
    run.checkpoints.symlink_to(elsewhere)
    before = sorted(path.name for path in elsewhere.iterdir())
    with pytest.raises(ResourceError, match="it is a link"):
        check_as_left(run, quiet, accept=True)
    assert sorted(path.name for path in elsewhere.iterdir()) == before


def test_with_nothing_changed_there_is_nothing_to_accept(run: RunDir) -> None:
    said: list[str] = []
    check_as_left(run, said.append, accept=True)
    assert "there is nothing to accept" in said[0]
    assert "accepted" not in run.document()


def test_records_that_were_removed_and_accepted_are_counted_as_they_are(run: RunDir) -> None:
    state = Seals(run, run.document()).states["step-00000040"]
    lines = run.metrics_path.read_bytes().splitlines(keepends=True)
    run.metrics_path.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    assert size_at(run, state) == sum(map(len, lines))
    check_as_left(run, quiet, accept=True)
    assert size_at(run, state) == sum(map(len, lines)) - len(lines[1])
    assert problems_of(run) == {}


def test_accepting_is_for_what_goes_on(cli: Cli, tmp_path: Path) -> None:
    for command in ("train-text", "train-vae"):
        outcome = cli(command, "--accept-changes", "--runs", tmp_path)
        assert outcome.code == 2
        assert "--accept-changes is for a run that goes on" in outcome.err


# -- trained on -------------------------------------------------------------------------------------------------------


SMALL = ("--model", "rnn", "--hidden-size", "6", "--embedding-size", "4", "--batch-size", "4", "--window", "16",
         "--sample-length", "5")  # fmt: skip


@pytest.fixture
def real(cli: Cli, corpus_file: Path, tmp_path: Path) -> RunDir:
    """A finished run of two epochs, really trained."""
    outcome = cli("train-text", corpus_file, *SMALL, "--epochs", 2, "--name", "real")
    assert outcome.code == 0, outcome.err
    return RunDir(tmp_path / "runs" / "real")


def test_a_run_whose_changes_were_accepted_is_whole_when_it_was_trained_on(real: RunDir, cli: Cli) -> None:
    rewritten(real, lambda document: document["settings"]["learning_rate"].update(value=0.003))
    assert cli("train-text", "--resume", "real", "--epochs", 3).code == 4
    assert cli("train-text", "--resume", "real", "--epochs", 3, "--accept-changes").code == 0
    verified_now = cli("runs", "verify", "real")
    assert verified_now.code == 0, verified_now.err
    assert cli("train-text", "--resume", "real", "--epochs", 4).code == 0
    assert problems_of(real) == {}


def test_a_change_that_decides_nothing_is_in_the_way_of_nothing(real: RunDir, cli: Cli) -> None:
    rewritten(real, lambda document: document["settings"]["checkpoint_minutes"].update(value=6.0))
    genmodels.open_run("real", genmodels.TextRun).go_on(
        {"epochs": 4}, {}, lambda _: None
    )  # lengthened; the process dies
    again = cli("train-text", "--resume", "real")
    assert again.code == 0, again.err
    assert (real.epochs(), problems_of(real)) == ([1, 2, 3, 4], {})


@pytest.mark.parametrize("accept", [False, True])
def test_one_that_went_back_behind_a_damaged_state_goes_on_and_has_each_record_once(
    real: RunDir, cli: Cli, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    newest = real.checkpoints / f"step-{real.steps()[-1]:08d}"
    (newest / "optimizer.safetensors").write_bytes(b"torn")
    if accept:
        rewritten(real, lambda document: document["settings"]["learning_rate"].update(value=0.003))
    with monkeypatch.context() as patch:  # killed before its first save
        patch.setattr("genmodels.training.loop._Loop._advance", dies)
        assert cli("train-text", "--resume", "real", *(["--accept-changes"] if accept else [])).code != 0
    again = cli("train-text", "--resume", "real")
    assert again.code == 0, again.err
    steps = [(one["step"], one["split"]) for one in real.metrics()]
    assert len(steps) == len(set(steps))
    assert problems_of(real) == {}


def dies(_: object) -> None:
    """In place of a step."""
    raise RuntimeError("died")


# -- epochs whose weights can't be read -------------------------------------------------------------------------------


def lost(run: RunDir, *epochs: int) -> None:
    """A byte too many, as a failing disk or an editor leaves it."""
    for epoch in epochs:
        with (run.checkpoints / f"epoch-{epoch:04d}" / "manifest.json").open("ab") as file:
            file.write(b"x")


def test_one_way_out_is_told_by_all_where_the_weights_of_epochs_are_lost(real: RunDir, cli: Cli) -> None:
    lost(real, 1, 2)
    way = "training state, without them: genmodels train-text --resume runs/real --epochs 12 --accept-changes\n"
    resume = ["train-text", "--resume", "real"]
    for asked in (["runs", "verify", "real"], resume, [*resume, "--accept-changes"], [*resume, "--epochs", 3]):
        outcome = cli(*asked)
        assert (outcome.code, outcome.err.endswith(way)) == (4, True), outcome.err
        assert "goes on with what" not in outcome.err
    further = cli(*resume, "--epochs", 3, "--accept-changes")
    assert further.code == 0, further.err
    assert "note: the weights of epoch-0001, epoch-0002 can't be read: it goes on without them\n" in further.err
    assert real.pointer("best") == "epoch-0003"
    again = cli("train-text", "--resume", "real", "--epochs", 4)
    assert again.code == 0, again.err


def test_an_epoch_that_is_lost_is_the_best_no_more(real: RunDir, cli: Cli) -> None:
    newest = real.checkpoints / f"step-{real.steps()[-1]:08d}"
    state, manifest = (json.loads((newest / name).read_text()) for name in ("state.json", "manifest.json"))
    state["progress"].update(best_epoch=2, best_score=1e-3)  # which no later epoch reaches
    content = json.dumps(state).encode()
    (newest / "state.json").write_bytes(content)
    manifest["files"]["state.json"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (newest / "manifest.json").write_text(json.dumps(manifest))
    lost(real, 2)
    further = cli("train-text", "--resume", "real", "--epochs", 3, "--accept-changes")
    assert further.code == 0, further.err
    assert real.pointer("best") != "epoch-0002"


def test_the_best_of_the_epochs_that_are_whole_is_chosen(tmp_path: Path) -> None:
    run = made_run(tmp_path, "r", scores=(3.0, 1.0, 2.0, 2.5))
    family, progress = genmodels.family_of("text"), Progress(evaluated=4, best_epoch=2, best_score=1.0)
    lost(run, 2)
    assert choose_best(run, family, progress, run.evaluations()) == "epoch-0003"
    assert (progress.best_epoch, progress.best_score) == (3, 2.0)
    lost(run, 1, 3, 4)
    assert choose_best(run, family, progress, run.evaluations()) is None
    assert (progress.best_epoch, progress.best_score) == (None, None)


def test_a_run_without_a_whole_state_can_not_go_on_without_its_epochs(run: RunDir) -> None:
    for path in run.checkpoints.glob("step-*"):
        shutil.rmtree(path)
    assert way_without(run) == "restore it from a copy, or train it anew."
