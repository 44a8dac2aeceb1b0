"""runs list, show, verify, compare, note, rename, remove and prune, on runs that nobody trained."""

import csv
import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doors import Cli
from genmodels.cli.output import Output
from genmodels.cli.training import show_outcome
from genmodels.exhibit import Exhibit
from genmodels.families import FAMILIES
from genmodels.families.finetuning import better_before
from genmodels.families.taking import taken_told
from genmodels.runs import RunDir
from made_runs import listed, made_comparison, made_run

# -- list ---------------------------------------------------------------------------------------------


def test_a_list_says_date_family_data_state_and_best_with_its_name_and_unit(cli: Cli, three: Path) -> None:
    head, *rows = [line.split("\t") for line in cli("runs", "list").out.splitlines()]
    assert head == ["run", "date", "family", "data", "state", "best"]
    shown = {row[0]: row[2:] for row in rows}
    assert shown["story"] == ["text lstm", "corpus.txt", "finished", "nll 1.2500 nats/char"]
    assert shown["faces"] == ["vae conv", "mnist", "stopped, 3 of 20", "elbo -90.0000 nats/image"]
    assert shown["broken"] == ["-", "-", "damaged", "-"]
    assert rows[0][1][:4] == str(time.localtime().tm_year)


def test_a_score_of_a_part_of_what_is_held_out_is_marked_in_the_list_and_what_that_means_is_said(
    cli: Cli, tmp_path: Path
) -> None:
    part, _ = (made_run(tmp_path / "runs", name) for name in ("part", "whole"))
    assert "*" not in "".join((cli("runs", "list").out, cli("runs", "list").err))
    part.update(plan=part.plan() | {"measured_share": 0.125})
    compared = made_comparison(tmp_path / "runs", "both", ["rnn", "lstm"], [[3.0, 2.0], [3.0, 1.0]])
    member = compared.member("lstm")
    member.update(plan=member.plan() | {"measured_share": 0.25})
    found = cli("runs", "list")
    best = {line.split("\t")[0]: line.split("\t")[-1] for line in found.out.splitlines()}
    assert best["part"] == "nll 1.2500* nats/char"
    assert best["whole"] == "nll 1.2500 nats/char"
    assert best["both"] == "nll 1.0000* nats/char", "its best member's"
    assert found.err.count("* measured on a part of what is held out, as --minutes left no time for more") == 1
    assert cli("runs", "list", "--csv", "list.csv").code == 0
    with (tmp_path / "list.csv").open(encoding="utf-8") as file:
        assert {row["run"]: row["measured_share"] for row in csv.DictReader(file)} == {
            "part": "0.125", "whole": "", "both": "0.25",
        }  # fmt: skip


@pytest.mark.parametrize(("first", "told"), [(1.0, True), (1.25, False), (3.5, False)])
def test_a_best_epoch_that_is_worse_than_untrained_says_so_wherever_best_is_told(
    cli: Cli, tmp_path: Path, first: float, told: bool
) -> None:
    run = made_run(tmp_path / "runs", "worse")
    rest = run.metrics()
    run.truncate_metrics(0)
    for record in ({**rest[0], "epoch": 0, "step": 0, "nll": first}, *rest):
        run.append_metrics(record)
    best = next(line for line in cli("runs", "show", "worse").out.splitlines() if line.startswith("best\t"))
    assert best == f"best\tnll 1.2500 nats/char{', worse than untrained (1.0000)' if told else ''}"
    assert taken_told(run, [4], best=True) == f"run worse, epoch 4 of 4 (best{', but worse than untrained' * told})"
    assert (better_before(run) != []) == told
    assert all(said.startswith("the untrained network was better: nll 1.0000") for said in better_before(run))


def test_a_run_that_is_being_trained_is_listed_so_while_its_lock_is_held(cli: Cli, three: Path) -> None:
    run = RunDir(three / "faces")
    with run.locked(print):
        assert "training now, 3 of 20" in cli("runs", "list").out
        assert json.loads(cli("runs", "show", "faces", "--json").out)["state"] == "training now"
        assert listed(cli, "--state", "training") == ["faces"]
    assert listed(cli, "--state", "training") == [], "whoever died does not train"
    assert listed(cli, "--state", "stopped") == ["faces"]


def test_the_time_of_a_stopped_run_counts_the_steps_after_its_last_evaluation(cli: Cli, tmp_path: Path) -> None:
    run = made_run(tmp_path / "runs", "story", scores=(3.0,))
    run.append_metrics({"epoch": 2, "step": 15, "split": "train", "nll": 2.5, "steps": 5, "seconds": 616.0})
    assert json.loads(cli("runs", "show", "story", "--json").out)["seconds"] == 616.0


def test_epochs_that_minutes_took_the_place_of_are_no_setting_that_differs(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "timed", settings={"minutes": 1.0, "epochs": 20})
    made_run(tmp_path / "runs", "longer", settings={"minutes": 2.0, "epochs": 6})
    heads = [line.split("\t")[0] for line in cli("runs", "compare", "timed", "longer").out.splitlines()]
    assert "--epochs" not in heads
    assert "--minutes" in heads


def test_a_run_is_shown_in_words_and_settings_as_they_are_typed(cli: Cli, root: Path) -> None:
    settings = {"bytes": True, "minutes": None, "gone": [0.5, 1.0]}
    made_run(root, "story", settings=settings, created_at="2026-11-22T12:45:00+00:00", init_from="poem")
    shown = dict(line.split("\t")[:2] for line in cli("runs", "show", "story").out.splitlines())
    began = datetime(2026, 11, 22, 12, 45, tzinfo=UTC).astimezone()
    assert {name: shown[name] for name in ("began", "epochs planned", "steps", "steps planned", "best epoch")} == {
        "began": f"{began:%Y-%m-%d %H:%M}", "epochs planned": "4", "steps": "40", "steps planned": "40",
        "best epoch": "4",
    }  # fmt: skip
    assert {name: shown[name] for name in ("--hidden-size", "--bytes", "--minutes", "gone")} == {
        "--hidden-size": "8", "--bytes": "on", "--minutes": "-", "gone": "0.5,1",
    }  # fmt: skip
    assert shown["first weights of"].startswith("poem")
    assert not [name for name in shown if "_" in name], "no name of the record"
    facts = json.loads(cli("runs", "show", "story", "--json").out)
    assert {"created_at", "planned_epochs", "step", "total_steps", "best_epoch"} <= facts.keys()


def test_a_list_is_filtered_and_sorted(cli: Cli, three: Path) -> None:
    made_run(three, "better", scores=(1.0,), planned=1)
    assert listed(cli) == ["story", "faces", "better", "broken"]
    assert listed(cli, "--family", "text") == ["story", "better"]
    assert listed(cli, "--data", "MNI") == ["faces"]
    assert listed(cli, "b*") == ["better", "broken"]
    assert listed(cli, "--sort", "best", "--family", "text") == ["better", "story"]
    assert listed(cli, "--sort", "run") == ["better", "broken", "faces", "story"]
    assert listed(cli, "--sort", "time", "--reverse")[0] == "story"
    assert listed(cli, "--sort", "state") == ["faces", "story", "better", "broken"]


def test_the_best_of_a_score_that_is_to_be_high_comes_first_too(cli: Cli, root: Path) -> None:
    made_run(root, "low", "vae", scores=(-90.0,), planned=1)
    made_run(root, "high", "vae", scores=(-80.0,), planned=1)
    assert listed(cli, "--sort", "best") == ["high", "low"]


def test_scores_are_sorted_within_a_family_and_its_data(cli: Cli, tmp_path: Path) -> None:
    for name, score, data in (("dots", -2.0, "dots"), ("digits", -100.0, "mnist"), ("better", -90.0, "mnist")):
        made_run(tmp_path / "runs", name, "vae", scores=(score,), data=data)
    assert listed(cli, "--sort", "best") == ["dots", "better", "digits"]
    assert "the best first, of each family on each data" in cli("runs", "list", "--sort", "best").err
    assert "best first" not in cli("runs", "list", "--sort", "best", "--data", "mnist").err
    made_run(tmp_path / "runs", "more-dots", "vae", scores=(-150.0,), data="dots")
    assert listed(cli, "--sort", "best") == ["dots", "more-dots", "better", "digits"]


def test_runs_without_a_score_come_last_whichever_way_the_best_are_sorted(cli: Cli, three: Path) -> None:
    made_run(three, "better", scores=(1.0,), planned=1)
    made_run(three, "begun", scores=(), planned=1)
    assert listed(cli, "--sort", "best", "--family", "text") == ["better", "story", "begun"]
    assert listed(cli, "--sort", "best", "--family", "text", "--reverse") == ["story", "better", "begun"]
    assert set(listed(cli, "--sort", "best")[-2:]) == {"begun", "broken"}


@pytest.mark.parametrize(("flag", "wrong", "hint"), [
    ("--sort", "dat", "did you mean date?"), ("--state", "stoped", "did you mean stopped?"),
    ("--family", "vea", "did you mean vae?"),
])  # fmt: skip
def test_a_wrong_filter_names_the_nearest(cli: Cli, three: Path, flag: str, wrong: str, hint: str) -> None:
    outcome = cli("runs", "list", flag, wrong)
    assert (outcome.code, outcome.out) == (2, "")
    assert hint in outcome.err


def test_a_filter_that_nothing_fits_says_so(cli: Cli, three: Path) -> None:
    outcome = cli("runs", "list", "--data", "cifar")
    assert (outcome.code, outcome.out) == (0, "")
    assert "no run in runs is like that" in outcome.err
    assert "genmodels runs verify" not in outcome.err
    shutil.rmtree(three / "broken")
    assert "runs verify RUN" in cli("runs", "list", "--state", "damaged").err, "a list does not look at weights"


def test_a_list_for_a_spreadsheet_has_raw_numbers(cli: Cli, three: Path, tmp_path: Path) -> None:
    cli("runs", "list", "--csv", "runs.csv")
    lines = (tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()
    rows = {row["run"]: row for row in csv.DictReader(lines)}
    assert (rows["faces"]["best"], rows["faces"]["unit"], rows["faces"]["best_epoch"]) == ("-90.0", "nats/image", "2")


def test_a_list_says_what_helps_next(cli: Cli, three: Path) -> None:
    def told() -> list[str]:
        return [line for line in cli("runs", "list").err.splitlines() if line.startswith("next: ")]

    assert told() == [
        "next: genmodels runs verify runs/broken", "next: genmodels train-vae --resume runs/faces",
    ]  # fmt: skip
    made_run(three, "poem")
    assert told()[1:] == ["next: genmodels runs compare runs/story runs/poem"]


# -- notes --------------------------------------------------------------------------------------------


def test_a_note_is_kept_and_shown_by_list_and_show(cli: Cli, three: Path) -> None:
    outcome = cli("runs", "note", "story", "the one\tof the \x1b[31m lecture")
    assert (outcome.code, outcome.out) == (0, "the one of the \\x1b[31m lecture\n")
    assert "story\tthe one of the \\x1b[31m lecture" in cli("runs", "list").out
    assert "note\tthe one of the" in cli("runs", "show", "story").out
    assert cli("runs", "note", "story").out == outcome.out
    cli("runs", "note", "story", "")
    gone = cli("runs", "note", "story")
    assert (gone.out, gone.err) == ("", "runs/story has no note\n")
    assert "notes" not in cli("runs", "list").out


def test_a_note_can_be_written_while_the_run_is_trained(cli: Cli, three: Path) -> None:
    with RunDir(three / "story").locked(print):
        assert cli("runs", "note", "story", "look at this").code == 0


@pytest.mark.parametrize(("sentence", "what"), [("x" * 501, "501 characters"), ("a\udcffb", "is no text")])
def test_a_note_that_cannot_be_kept_is_refused(cli: Cli, three: Path, sentence: str, what: str) -> None:
    outcome = cli("runs", "note", "story", sentence)
    assert outcome.code == 2
    assert what in outcome.err


# -- removing -----------------------------------------------------------------------------------------


# -- renaming -----------------------------------------------------------------------------------------


# -- pruning ------------------------------------------------------------------------------------------


# -- comparing ----------------------------------------------------------------------------------------


def test_a_training_s_end_says_what_it_can_be_compared_with(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("first", "second", "elsewhere"):
        made_run(root, name, data="other.txt" if name == "elsewhere" else "corpus.txt")
    made_run(root, "faces", "vae")
    made_run(root, "begun", scores=())
    outcome = Exhibit("outcome", "best epoch 4", {})
    show_outcome(RunDir(root / "second"), outcome, FAMILIES["text"], Output(root))
    told = capfd.readouterr().err
    assert f"next: genmodels runs compare {root / 'first'} {root / 'second'}\n" in told
    show_outcome(RunDir(root / "faces"), outcome, FAMILIES["vae"], Output(root))
    assert "runs compare" not in capfd.readouterr().err


# -- verifying ----------------------------------------------------------------------------------------


def damage(run: RunDir, *kinds: str) -> None:
    for path in run.checkpoints.iterdir():
        if path.name.partition("-")[0] in kinds:
            (path / "model.safetensors").write_bytes(b"torn")


@pytest.mark.parametrize(("name", "kinds", "hint"), [
    ("story", ("epoch",), "training state, without them: genmodels train-text --resume runs/story --epochs 14\n"),
    ("faces", ("epoch",), "training state, without them: genmodels train-vae --resume runs/faces\n"),
    ("faces", ("epoch", "step"), "nothing of it can be used"),
    ("story", ("step",), "reads what is whole: 1-4; it can't be trained further."),
])  # fmt: skip
def test_the_hint_of_a_damaged_run_knows_what_is_left(
    cli: Cli, three: Path, name: str, kinds: tuple[str, ...], hint: str
) -> None:
    damage(RunDir(three / name), *kinds)
    outcome = cli("runs", "verify", name)
    assert outcome.code == 4
    assert hint in outcome.err


def test_which_run_was_looked_at_is_said_where_none_is_named(cli: Cli, root: Path) -> None:
    made_run(root, "story")
    made_run(root, "newer", scores=(2.0,))
    with RunDir(root / "newer").locked(print):
        assert "note: run newer, 1 of 4 epochs (it is being trained now)" in cli("runs", "show").err
        verified = cli("runs", "verify")
    assert "note: run story, 4 epochs; newer is newer, but is being trained now\n" in verified.err
    assert "note" not in cli("runs", "verify", "story").err
