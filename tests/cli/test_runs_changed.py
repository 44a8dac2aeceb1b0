"""runs remove, rename and prune: what is said, asked and lost."""

import json
import os
from pathlib import Path

import pytest

from doors import Cli
from genmodels.cli import confirming
from genmodels.runs import RunDir
from made_runs import listed, made_run


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


def test_a_run_keeps_its_name_while_one_that_began_with_its_weights_is_trained(cli: Cli, three: Path) -> None:
    child = made_run(three, "child", init_from="story")
    with child.locked(print):
        outcome = cli("runs", "rename", "story", "novel")
    assert outcome.code == 4
    assert "child is being trained by another process" in outcome.err
    assert "story" in names_in(three)
    assert child.document()["init_from"] == "story"
    assert cli("runs", "rename", "story", "novel").code == 0
    assert child.document()["init_from"] == "novel"


def test_one_that_began_with_its_weights_and_lies_behind_a_link_is_left_as_it_is(
    cli: Cli, three: Path, tmp_path: Path
) -> None:
    far = made_run(tmp_path / "far", "child", init_from="story")
    (three / "child").symlink_to(far.path)
    before = (far.path / "run.json").read_bytes()
    outcome = cli("runs", "rename", "story", "novel")
    assert outcome.code == 0, outcome.err
    assert "child is reached by a link" in outcome.err
    assert (far.path / "run.json").read_bytes() == before
    assert not (far.path / ".lock").exists()


def kept(run: RunDir) -> tuple[list[int], list[int]]:
    return run.epochs(), run.steps()


def test_what_can_be_spared_goes_and_the_run_is_whole_and_readable_after(cli: Cli, three: Path) -> None:
    story, faces = RunDir(three / "story"), RunDir(three / "faces")
    outcome = cli("runs", "prune", "--yes", "--keep", "1")
    assert outcome.code == 0, outcome.err
    assert "story\t2-3\t1, 4\tyes\t" in outcome.err
    assert "broken is passed over: runs/broken/run.json is damaged" in outcome.err
    assert "of story, --epochs 2-3 can't be read any more; 1, 4 can\n" in outcome.err
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
    assert "of story, --epochs 1-3 can't be read then; 4 can\n" in cli("runs", "prune", "story", "-q").err
    outcome = cli("runs", "prune", "story")
    assert "delete these from 1 run for good, so that --epochs 1-3 can't be read any more, and free" in outcome.err
    assert "of story, --epochs 1-3 can't be read then; 4 can\n" in outcome.err
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
