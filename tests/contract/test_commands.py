"""The promises that every family's training keeps on the command line."""

import contextlib
import io
import json
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.mistakes import check
from contract.cases import TRAINED
from contract.helpers import Trained, records_of, stopped_in_epoch, weights_of
from doors import FAMILIES, Cli, Outcome, run


@dataclass(frozen=True)
class Story:
    """A family's training, run twice: as a person reads it, and with --json."""

    promised: Trained
    folder: Path
    told: Outcome
    json: Outcome

    def run(self, name: str = "story") -> Path:
        return self.folder / "runs" / name

    @property
    def command(self) -> str:
        return f"train-{self.promised.family}"

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.json.out)
        return found


def captured(*arguments: str) -> Outcome:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = run(arguments)
    return Outcome(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module", params=TRAINED, ids=str)
def story(request: pytest.FixtureRequest, home_of) -> Iterator[Story]:
    promised = request.param
    folder = home_of(promised.home)
    command = (f"train-{promised.family}", *promised.flags)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        patch.chdir(folder)
        yield Story(
            promised, folder, captured(*command, "--name", "story"), captured(*command, "--name", "told", "--json")
        )


@pytest.fixture
def here(cli: Cli, story: Story, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, in the folder of the story."""
    monkeypatch.setenv("GENMODELS_CACHE", str(story.folder / "cache"))
    monkeypatch.chdir(story.folder)
    return cli


def evaluations(path: Path) -> list[dict[str, Any]]:
    return [record for record in records_of(path) if "steps" not in record]


def files_of(path: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_training_tells_the_story_and_leaves_a_run(story: Story) -> None:
    assert story.told.code == 0, story.told.err
    assert story.told.out == "runs/story\n"
    for expected in story.promised.told:
        assert expected in story.told.err
    assert not set("\x1b\r") & set(story.told.err)
    splits = story.promised.splits
    assert [(r["epoch"], r["split"]) for r in evaluations(story.run())] == [(e, s) for e in range(3) for s in splits]
    assert sorted(path.name for path in (story.run() / "samples").iterdir()) == sorted(
        f"epoch-000{epoch}.{kind}" for epoch in range(3) for kind in story.promised.samples
    )


def test_every_step_is_recorded_with_its_speed(story: Story) -> None:
    steps = [record for record in records_of(story.run()) if "steps" in record]
    document = json.loads((story.run() / "run.json").read_text(encoding="utf-8"))
    assert sum(record["steps"] for record in steps) == document["plan"]["total_steps"] > 0
    family = FAMILIES[story.promised.family]
    for record in steps:
        assert record[f"{family.unit}_per_second"] > 0
        assert family.loss in record


def test_run_json_says_what_was_trained_on_what(story: Story) -> None:
    document = json.loads((story.run() / "run.json").read_text(encoding="utf-8"))
    assert document["family"] == story.promised.family
    assert {name: document["data"][name] for name in story.promised.data} == story.promised.data
    given = [flag.removeprefix("--").replace("-", "_") for flag in story.promised.flags if flag.startswith("--")]
    assert {n: s["from"] for n, s in document["settings"].items() if s["from"] == "flag"} == {
        name: "flag" for name in given if name != "dataset"
    }


def test_json_gives_the_result_alone(story: Story) -> None:
    assert story.json.code == 0, story.json.err
    result, (score, best) = story.result, story.promised.best_by
    assert result["run"] == "runs/told"
    assert result["seconds"] > 0
    held_out = [r for r in evaluations(story.run("told")) if r["split"] in {"validation", "test"}][1:]
    assert result["best_epoch"] == 1 + [r[score] for r in held_out].index(best(r[score] for r in held_out))
    assert story.promised.held_out(result)[score] == pytest.approx(held_out[result["best_epoch"] - 1][score])


def test_two_trainings_of_the_same_command_give_the_same_bits(story: Story) -> None:
    first, second = weights_of(story.run("story")), weights_of(story.run("told"))
    assert len(first) == 2
    assert first == second


def test_a_finished_run_is_listed_shown_and_whole(here: Cli, story: Story) -> None:
    score, best = story.promised.best_by
    shown = json.loads(here("runs", "show", "story", "--json").out)
    held_out = [r[score] for r in evaluations(story.run()) if r["split"] in {"validation", "test"} and r["epoch"] > 0]
    assert (shown["state"], shown["kept_epochs"], shown["best"]) == ("finished", [1, 2], best(held_out))
    listed = json.loads(here("runs", "list", "--json").out)["runs"]
    (mine,) = [row for row in listed if row["run"] == "story"]
    assert (mine["state"], mine["epochs"]) == ("finished", 2)
    whole = here("runs", "verify", "story")
    assert whole.code == 0, whole.err
    assert "epoch-0002\twhole" in whole.out


def test_a_finished_run_that_is_resumed_says_the_same_and_stays_as_it_is(here: Cli, story: Story) -> None:
    before = files_of(story.run("told"))
    outcome = here(story.command, "--resume", "told", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out) == story.result
    assert files_of(story.run("told")) == before


def test_a_run_that_was_stopped_goes_on_with_its_settings_to_the_same_end(here: Cli, story: Story) -> None:
    with stopped_in_epoch(1, story.promised.splits[0]):
        stopped = here(story.command, *story.promised.flags, "--name", "stopped")
    assert (stopped.code, stopped.out) == (130, "")
    assert f"hint: genmodels {story.command} --resume runs/stopped goes on." in stopped.err
    assert json.loads(here("runs", "show", "stopped", "--json").out)["state"] == "stopped"
    resumed = here(story.command, "--resume", "stopped")
    assert resumed.code == 0, resumed.err
    assert resumed.out == "runs/stopped\n"
    assert weights_of(story.run("stopped")) == weights_of(story.run())
    shutil.rmtree(story.run("stopped"))


def test_a_resumed_run_refuses_what_contradicts_it(here: Cli, story: Story) -> None:
    before = files_of(story.run())
    assert len(story.promised.contradictions) >= 4
    for flags, fragment in story.promised.contradictions.items():
        check(here(story.command, "--resume", "story", *shlex.split(flags)), 2, fragment)
    assert files_of(story.run()) == before


def test_a_resumed_run_takes_flags_that_agree_with_it(here: Cli, story: Story) -> None:
    before = files_of(story.run())
    own = [flag for flag in story.promised.flags if flag not in {"corpus.txt", "--dataset", "set.npz", "words"}]
    outcome = here(story.command, "--resume", "story", *own)
    assert outcome.code == 0, outcome.err
    assert files_of(story.run()) == before


def test_a_run_of_another_family_is_not_taken_for_ones_own(here: Cli, story: Story) -> None:
    path = shutil.copytree(story.run(), story.run("strange")) / "run.json"
    other = next(name for name in FAMILIES if name != story.promised.family)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"family": other}), encoding="utf-8")
    fragment = f"is a {other} run, but this command needs a {story.promised.family} run"
    check(here(story.command, "--resume", "strange"), 4, fragment)
    shutil.rmtree(path.parent)
