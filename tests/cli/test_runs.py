"""runs list, show, verify, compare, note, rename, remove and prune, on runs that nobody trained."""

import csv
import json
import os
import time
from pathlib import Path

import pytest

from doors import Cli
from genmodels.cli import confirming
from genmodels.cli.output import Output
from genmodels.cli.training import show_outcome
from genmodels.exhibit import Exhibit
from genmodels.families import FAMILIES, run_at
from genmodels.families.side_by_side import side_by_side
from genmodels.runs import RunDir, create_run
from genmodels.telling import Teller
from made_runs import made_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The runs folder of the command line."""
    return tmp_path / "runs"


@pytest.fixture
def three(root: Path) -> Path:
    """A finished, a stopped and a damaged run."""
    made_run(root, "story", settings={"seed": 2})
    made_run(root, "faces", "vae", scores=(-100.0, -90.0, -95.0), planned=20, data="mnist", settings={"model": "conv"})
    (made_run(root, "broken").path / "run.json").write_text("{")
    return root


def listed(cli: Cli, *arguments: object) -> list[str]:
    outcome = cli("runs", "list", *arguments, "--json")
    assert outcome.code == 0, outcome.err
    return [row["run"] for row in json.loads(outcome.out)["runs"]]


# -- list ---------------------------------------------------------------------------------------------


def test_a_list_says_date_family_data_state_and_best_with_its_name_and_unit(cli: Cli, three: Path) -> None:
    head, *rows = [line.split("\t") for line in cli("runs", "list").out.splitlines()]
    assert head == ["run", "date", "family", "data", "state", "best"]
    shown = {row[0]: row[2:] for row in rows}
    assert shown["story"] == ["text lstm", "corpus.txt", "finished", "nll 1.2500 nats/char"]
    assert shown["faces"] == ["vae conv", "mnist", "stopped, 3 of 20", "elbo -90.0000 nats/image"]
    assert shown["broken"] == ["-", "-", "damaged", "-"]
    assert rows[0][1][:4] == str(time.localtime().tm_year)


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
    assert heads.count("epochs") == 1
    assert "minutes" in heads


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


def names_in(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    class Person:
        isatty = staticmethod(lambda: True)
        readline = staticmethod(lambda: f"{text}\n")

    monkeypatch.setattr("sys.stdin", Person())
    monkeypatch.setattr(confirming, "is_terminal", lambda _: True)


def test_runs_are_removed_after_saying_what_is_lost_and_asking(
    cli: Cli, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("runs", "note", "story", "dear to me")
    made_run(three, "child", init_from="story")
    answer(monkeypatch, "n")
    refused = cli("runs", "remove", "story", "broken")
    assert (refused.code, refused.out, len(names_in(three))) == (0, "", 4)
    assert "remove 2 runs for good" in refused.err
    assert "nll 1.2500 nats/char" in refused.err
    assert "story has a note: dear to me" in refused.err
    assert "child began with the weights of story" in refused.err
    assert "nothing was changed" in refused.err
    answer(monkeypatch, "y")
    done = cli("runs", "remove", "story", "broken")
    assert done.out == "story is removed\nbroken is removed\n"
    assert names_in(three) == ["child", "faces"]


def test_without_a_person_a_removal_needs_yes(cli: Cli, three: Path) -> None:
    outcome = cli("runs", "remove", "story")
    assert (outcome.code, outcome.out) == (2, "")
    assert "nobody can be asked here: remove 1 run for good" in outcome.err
    assert "add --yes" in outcome.err
    assert "story" in names_in(three)
    removed = cli("runs", "remove", "story", "f*", "--yes", "--json")
    assert json.loads(removed.out)["runs"] == ["story", "faces"]
    assert names_in(three) == ["broken"]


def test_a_run_that_is_being_trained_is_not_removed_nor_any_named_beside_it(cli: Cli, three: Path) -> None:
    with RunDir(three / "faces").locked(print):
        outcome = cli("runs", "remove", "story", "faces", "--yes")
    assert outcome.code == 4
    assert "runs/faces is being trained by another process" in outcome.err
    assert len(names_in(three)) == 3


def test_a_link_is_not_followed_out_of_the_runs_folder(cli: Cli, three: Path, tmp_path: Path) -> None:
    far = made_run(tmp_path / "far", "precious")
    (three / "link").symlink_to(far.path)
    (three / "up").symlink_to(tmp_path / "far")
    for name in ("link", "up/precious", str(far.path)):
        for command in (("remove", name, "--yes"), ("prune", name, "--yes"), ("rename", name, "other")):
            outcome = cli("runs", *command)
            assert outcome.code == 4, outcome.err
            assert "say where it is: --runs" in outcome.err
    assert far.epochs() == [1, 2, 3, 4]
    (three / "story" / "samples").symlink_to(far.path)
    assert cli("runs", "remove", "story", "--yes").code == 0
    assert far.epochs() == [1, 2, 3, 4], "nor a link in a run"
    hint = cli("runs", "remove", str(far.path), "--yes").err.partition("--runs ")[2].split()
    assert cli("runs", "remove", "--runs", hint[0], hint[1].rstrip("."), "--yes").code == 0, "the hint leads there"
    assert not far.path.exists()


def test_what_a_killed_removal_leaves_is_no_run_and_is_swept(
    cli: Cli, three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("genmodels.runs.removing.shutil.rmtree", lambda *_, **__: None)
        killed = cli("runs", "remove", "story", "--yes")
    assert "some of its files can't be deleted" in killed.err
    (hidden,) = [path for path in three.iterdir() if path.name.startswith(".tmp-")]
    assert listed(cli) == ["faces", "broken"]
    cli("runs", "remove", "broken", "--yes")
    assert hidden.exists(), "it might be somebody's who is at work"
    os.utime(hidden, (0, 0))
    monkeypatch.setattr("genmodels.runs.removing.NOBODY_REMOVES", 0.0)
    cli("runs", "remove", "faces", "--yes")
    assert names_in(three) == []


def test_no_run_can_be_called_as_what_is_swept_away(cli: Cli, three: Path) -> None:
    for name in (".tmp-mine", ".old-mine"):
        outcome = cli("runs", "rename", "story", name)
        assert outcome.code == 2
        assert "swept away" in outcome.err


@pytest.mark.parametrize("end", [KeyboardInterrupt, None])
def test_ctrl_c_and_ctrl_d_are_a_no(cli: Cli, three: Path, monkeypatch: pytest.MonkeyPatch, end: type | None) -> None:
    def nothing() -> str:
        if end is not None:
            raise end
        return ""

    answer(monkeypatch, "y")
    monkeypatch.setattr("sys.stdin.readline", nothing)
    outcome = cli("runs", "remove", "story")
    assert (outcome.code, outcome.out) == (0 if end is None else 130, "")
    assert "[y/N] \nnothing was changed\n" in outcome.err
    assert "story" in names_in(three)


# -- renaming -----------------------------------------------------------------------------------------


def test_a_new_name_is_learned_by_those_that_began_with_its_weights(cli: Cli, three: Path) -> None:
    made_run(three, "child", init_from="story")
    outcome = cli("runs", "rename", "story", "novel")
    assert (outcome.code, outcome.out) == (0, "runs/novel\n"), outcome.err
    assert "child began with its weights, and now names novel" in outcome.err
    assert RunDir(three / "child").document()["init_from"] == "novel"
    assert listed(cli) == ["novel", "faces", "child", "broken"]
    assert cli("runs", "verify", "novel").code == 0


@pytest.mark.parametrize(("name", "what"), [
    ("faces", "exists already"), ("broken", "exists already"), ("a/b", "cannot name a run"), ("last", "reserved"),
])  # fmt: skip
def test_a_name_that_is_taken_or_none_is_refused(cli: Cli, three: Path, name: str, what: str) -> None:
    outcome = cli("runs", "rename", "story", name)
    assert outcome.code == 2
    assert what in outcome.err
    assert "story" in names_in(three)


def test_a_run_that_is_being_trained_keeps_its_name(cli: Cli, three: Path) -> None:
    with RunDir(three / "story").locked(print):
        assert cli("runs", "rename", "story", "novel").code == 4
    assert "story" in names_in(three)


# -- pruning ------------------------------------------------------------------------------------------


def kept(run: RunDir) -> tuple[list[int], list[int]]:
    return run.epochs(), run.steps()


def test_what_can_be_spared_goes_and_the_run_is_whole_and_readable_after(cli: Cli, three: Path) -> None:
    story, faces = RunDir(three / "story"), RunDir(three / "faces")
    outcome = cli("runs", "prune", "--yes", "--keep", "1")
    assert outcome.code == 0, outcome.err
    assert "story\t2-3\t1, 4\tyes\t" in outcome.err
    assert "broken is passed over: runs/broken/run.json is damaged" in outcome.err
    assert outcome.out.endswith(" freed\n")
    assert kept(story) == ([1, 4], [])
    assert kept(faces) == ([1, 2, 3], [20, 30]), "a stopped run keeps what it goes on from, its best and its last"
    for name in ("story", "faces"):
        verified = cli("runs", "verify", name)
        assert verified.code == 0, verified.err
    assert json.loads(cli("runs", "show", "story", "--json").out)["state"] == "finished"
    assert cli("runs", "prune", "--yes", "--keep", "1").out == "nothing can be spared\n"


def test_nothing_is_pruned_before_somebody_agreed(cli: Cli, three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = RunDir(three / "story")
    assert cli("runs", "prune", "story").code == 2
    answer(monkeypatch, "")
    outcome = cli("runs", "prune", "story")
    assert "delete these from 1 run for good, and free" in outcome.err
    assert kept(story) == ([1, 2, 3, 4], [30, 40])


def test_what_stays_is_whole_or_nothing_goes(cli: Cli, three: Path) -> None:
    story = RunDir(three / "story")
    (story.checkpoints / "epoch-0004" / "model.safetensors").write_bytes(b"torn")
    outcome = cli("runs", "prune", "story", "--yes")
    assert outcome.code == 4
    assert "epoch-0004/model.safetensors is damaged" in outcome.err
    assert kept(story) == ([1, 2, 3, 4], [30, 40])


def test_a_run_that_is_being_trained_is_passed_over(cli: Cli, three: Path) -> None:
    with RunDir(three / "story").locked(print):
        outcome = cli("runs", "prune", "--yes", "--json")
    facts = json.loads(outcome.out)
    assert "being trained" in facts["passed_over"]["story"]
    assert RunDir(three / "story").epochs() == [1, 2, 3, 4]


def test_a_finished_run_without_states_says_so_when_it_is_resumed(cli: Cli, three: Path) -> None:
    from genmodels.errors import RunError
    from genmodels.runs.checkpoint import load_training_state

    cli("runs", "prune", "story", "--yes")
    with pytest.raises(RunError, match="is finished, and its training states are removed"):
        load_training_state(RunDir(three / "story"), print)


# -- comparing ----------------------------------------------------------------------------------------


def test_runs_of_one_family_are_put_side_by_side(cli: Cli, three: Path) -> None:
    made_run(three, "poem", scores=(2.0, 1.0), settings={"hidden_size": 16, "seed": 2})
    outcome = cli("runs", "compare", "story", "poem")
    rows = dict(line.split("\t", 1) for line in outcome.out.splitlines())
    assert rows["what"] == "story\tpoem"
    assert rows["best"] == "nll 1.2500 nats/char\tnll 1.0000 nats/char"
    assert rows["held-out nll (nats/char)"] == "1.2500\t1.0000"
    assert rows["hidden_size"] == "8\t16"
    assert "seed" not in rows, "they have it in common"
    assert "--json" not in outcome.err
    facts = json.loads(cli("runs", "compare", "story", "poem", "--json").out)
    assert facts["settings"] == {"hidden_size": {"story": 8, "poem": 16}}
    assert facts["same_data"] is True


def test_runs_of_different_families_are_too_and_it_is_said_what_that_is_worth(cli: Cli, three: Path) -> None:
    outcome = cli("runs", "compare", "story", "faces", "--out", "both.png")
    assert outcome.code == 0, outcome.err
    assert "measure different things (nll, nats/char; elbo, nats/image)" in outcome.err
    assert outcome.out.splitlines()[-1] == "both.png"
    assert Path("both.png").stat().st_size > 10_000


def test_different_data_under_one_score_are_told(cli: Cli, three: Path) -> None:
    made_run(three, "other", data="other.txt")
    assert "their data differ" in cli("runs", "compare", "story", "other").err


def test_the_figure_of_runs_side_by_side_says_what_it_shows_and_what_is_printed_of_it(three: Path) -> None:
    other = made_run(three, "other", data="other.txt")
    found = side_by_side([RunDir(three / "story"), other])
    story = RunDir(three / "story").metrics_path
    untrained = {"epoch": 0, "step": 0, "split": "validation", "nll": 4.0, "seconds": 1.0}
    story.write_text(json.dumps(untrained) + "\n" + story.read_text())
    assert found.title == (
        "Loss by epoch and time of story and other (language model) on corpus.txt; other.txt"
    )  # fmt: skip
    figure = found.figure()
    sentence = figure.texts[-1].get_text().replace("\n", " ")
    assert "Their data differ: which score is better says little." in sentence
    assert "So few steps (story 40, other 40) hardly tell which is better" in sentence
    drawn = {line.get_label(): line for line in figure.legends[0].get_lines()}
    assert drawn["story"].get_linestyle() != drawn["other"].get_linestyle(), "they are of one kind"
    assert figure.axes[0].get_lines()[0].get_xdata()[0] == 0, "the untrained model was measured"


def test_one_score_of_different_targets_or_parts_is_told_and_drawn_apart(root: Path) -> None:
    several = {
        "a": made_run(root, "a", "vae", settings={"binarize": "none"}),
        "b": made_run(root, "b", "vae", settings={"binarize": "dynamic"}),
        "c": made_run(root, "c", "vae", settings={"binarize": "dynamic"}),
        "begun": made_run(root, "begun", "vae", scores=(), settings={"binarize": "static"}),
    }
    told = "(a: grey, test; b: binarised anew each epoch, test; c: binarised anew each epoch, test)"
    apart = side_by_side(list(several.values()))
    assert any(told in remark for remark in apart.remarks)
    axis = "lower bound, ELBO (nats per image)"
    panels = [axes for axes in apart.figure().axes if axes.get_ylabel()]
    assert [axes.get_ylabel() for axes in panels] == [
        f"{axis}\ngrey, test", f"{axis}\nbinarised anew each epoch, test",
    ]  # fmt: skip
    alike = side_by_side([several["b"], several["c"], several["begun"]])
    assert not any("targets" in remark for remark in alike.remarks)
    assert [axes.get_ylabel() for axes in alike.figure().axes if axes.get_ylabel()] == [axis]
    metrics = several["c"].metrics_path
    metrics.write_text(metrics.read_text().replace('"test"', '"validation"'))
    (remark,) = [r for r in side_by_side([several["b"], several["c"]]).remarks if "targets" in r]
    assert "c: binarised anew each epoch, validation" in remark


@pytest.mark.parametrize(
    ("levels", "binarize", "told"),
    [
        ("2", "dynamic", "binarised anew each epoch"),
        ("16", "none", "grey of 16 levels"),
        ("4", "none", "grey of 4 levels"),
    ],
)
def test_the_levels_of_pixels_are_their_targets(root: Path, levels: str, binarize: str, told: str) -> None:
    settings = {"levels": levels, "binarize": binarize}
    document = {"settings": {name: {"value": value, "from": "flag"} for name, value in settings.items()}}
    run = run_at(create_run(root, "pixelrnn", {**document, "data": {"name": "mnist"}}, "one").path, Teller())
    assert (run.targets_told, run.data_told) == (told, f"mnist, {told}")


@pytest.mark.parametrize("names", [("story",), ("story", "story"), ("story", "nothing")])
def test_a_comparison_needs_two_runs(cli: Cli, three: Path, names: tuple[str, ...]) -> None:
    outcome = cli("runs", "compare", *names)
    assert outcome.code in {2, 4}
    assert outcome.out == ""


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
    ("story", ("epoch",), "nothing of it can be used: restore it from a copy, or train it anew."),
    ("faces", ("epoch",), "genmodels train-vae --resume runs/faces goes on, and makes more."),
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
