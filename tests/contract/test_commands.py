"""The promises that every family's training keeps on the command line."""

import contextlib
import io
import json
import re
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
from genmodels.runs.records import HELD_OUT


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


def test_every_measure_stands_on_its_page(story: Story) -> None:
    page = (Path(__file__).parents[2] / "docs" / "measures.md").read_text(encoding="utf-8")
    explained = {name for row in page.splitlines() if row.startswith("|") for name in re.findall(r"`([^`]+)`", row)}
    names = {re.sub("^real/|/.*", "", key) for record in records_of(story.run()) for key in record}
    assert names - explained == set()


ASKED = {
    "eval_images": ("--run", "story"),
    "eval_reader": ("--run", "story", "--strips", 2),
    "eval_speech": ("--run", "story", "--utterances", 2, "--lengths", "1,2"),
    "eval_text": ("--run", "story", "--baselines", "--protocol", "carried"),
}


def errors_without_their_measure(found: Any) -> list[str]:
    """Names of errors, at any depth, that do not say of which measure beside them they are."""
    if isinstance(found, list):
        return [name for one in found for name in errors_without_their_measure(one)]
    if not isinstance(found, dict):
        return []
    named = {f"{measure}_standard_error" for measure in found}
    wrong = [name for name in found if name.endswith("error") and name not in named]
    return wrong + [name for one in found.values() for name in errors_without_their_measure(one)]


def test_every_error_is_called_after_its_measure_in_what_is_recorded_and_in_json(story: Story, here: Cli) -> None:
    assert errors_without_their_measure([{"kernel_distance": 1, "kernel_error": 2}]) == ["kernel_error"]
    assert errors_without_their_measure(records_of(story.run())) == []
    assert errors_without_their_measure(story.result) == []
    command = next((name for name in FAMILIES[story.promised.family].commands if name in ASKED), "eval_images")
    asked = here(command.replace("_", "-"), *ASKED[command], "--json")
    assert asked.code == 0, asked.err
    assert "_standard_error" in asked.out
    assert errors_without_their_measure(json.loads(asked.out)) == []


def test_every_step_is_recorded_with_its_speed(story: Story) -> None:
    steps = [record for record in records_of(story.run()) if "steps" in record]
    document = json.loads((story.run() / "run.json").read_text(encoding="utf-8"))
    assert sum(record["steps"] for record in steps) == document["plan"]["total_steps"] > 0
    family = FAMILIES[story.promised.family]
    for record in steps:
        assert record[f"{family.unit}_per_second"] > 0
        assert family.steps.keys() <= record.keys()


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


def test_previews_inside_an_epoch_are_listed_and_read_and_change_nothing(here: Cli, story: Story) -> None:
    flags = (*story.promised.flags, "--name", "watched", "--preview-every", "2steps")
    watched, trained = story.run("watched"), here(story.command, *flags)
    assert trained.code == 0, trained.err
    shown = json.loads(here("runs", "show", "watched", "--json").out)
    parts = shown["kept_parts"]
    assert 0 < parts[0] < 1 < parts[-1] < 2
    assert shown["kept_epochs"] == [1, 2]
    weights = weights_of(watched)
    assert len(weights) == len(parts) + 2
    assert weights_of(story.run()).items() < weights.items()
    named = {path.name for path in (watched / "samples").iterdir()}
    named -= {path.name for path in (story.run() / "samples").iterdir()}
    assert named == {f"epoch-{part:08.3f}.{kind}" for part in parts for kind in story.promised.samples}
    for line in story.promised.readers:
        command, *rest = line.format("latest" if "--epoch " in line else f"{parts[0]},latest").split()
        read = here(command, "--run", "watched", *rest, "--json")
        assert read.code == 0, read.err
        assert ("2" if "--epoch " in line else str(parts[0])) in read.out
        if "--epoch " in line:
            part = here(command, "--run", "watched", *line.format(parts[0]).split()[1:], "--json")
            assert part.code == 0, part.err
            assert part.out != read.out
    shutil.rmtree(watched)


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
    assert "everything is saved in runs/stopped" in stopped.err
    assert "error:" not in stopped.err, "who stops a training makes no error"
    assert json.loads(here("runs", "show", "stopped", "--json").out)["state"] == "stopped"
    resumed = here(story.command, "--resume", "stopped")
    assert resumed.code == 0, resumed.err
    assert resumed.out == "runs/stopped\n"
    assert weights_of(story.run("stopped")) == weights_of(story.run())
    shutil.rmtree(story.run("stopped"))


def test_two_interrupts_stop_at_once_and_still_say_what_was_saved(here: Cli, story: Story) -> None:
    with stopped_in_epoch(1, story.promised.splits[0], times=2):
        stopped = here(story.command, *story.promised.flags, "--name", "twice")
    assert (stopped.code, stopped.out) == (130, "")
    steps = [int(path.name.partition("-")[2]) for path in (story.run("twice") / "checkpoints").glob("step-*")]
    assert f"; step {max(steps)} is saved in runs/twice\n" in stopped.err
    assert f"hint: genmodels {story.command} --resume runs/twice goes on from there.\n" in stopped.err
    assert "error:" not in stopped.err
    assert here(story.command, "--resume", "twice").code == 0
    assert weights_of(story.run("twice")) == weights_of(story.run())
    shutil.rmtree(story.run("twice"))


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


def document_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "run.json").read_text(encoding="utf-8"))
    return found


def test_a_training_starts_from_another_runs_weights_which_run_json_and_runs_show_name(here: Cli, story: Story) -> None:
    shutil.copytree(story.run(), story.run("parent"))
    begun = (story.command, *story.promised.flags, "--epochs", 1, "--init-from", "parent", "--name")
    outcome = here(*begun, "child")
    assert outcome.code == 0, outcome.err
    best = story.result["best_epoch"]
    assert f"starts from the weights of runs/parent, epoch {best}" in outcome.err
    document = document_of(story.run("child"))
    assert (document["init_from"], document["init_weights"]["epoch"]) == ("parent", best)
    assert json.loads(here("runs", "show", "child", "--json").out)["init_from"] == f"parent, epoch {best}"
    first, last = (
        next(r for r in evaluations(story.run(name)) if r["epoch"] == epoch and r["split"] in HELD_OUT)
        for name, epoch in (("child", 0), ("story", best))
    )
    score = FAMILIES[story.promised.family].score
    assert first[score] == pytest.approx(last[score], rel=1e-5), "the untrained child is the trained parent"

    with stopped_in_epoch(0, story.promised.splits[0]):
        assert here(*begun, "halted").code == 130
    assert here(story.command, "--resume", "halted").code == 0
    assert weights_of(story.run("halted")) == weights_of(story.run("child"))
    _killed_before_its_first_state(here, story)
    for name in ("child", "halted", "killed", "lost"):
        shutil.rmtree(story.run(name))


def _killed_before_its_first_state(here: Cli, story: Story) -> None:
    """It has its first weights again, as long as its parent has them, or says that they are gone."""
    for name in ("killed", "lost"):
        bare = story.run(name) / "checkpoints"
        bare.mkdir(parents=True)
        shutil.copy(story.run("child") / "run.json", bare.parent)
    outcome = here(story.command, "--resume", "killed")
    assert outcome.code == 0, outcome.err
    assert weights_of(story.run("killed")) == weights_of(story.run("child"))
    shutil.rmtree(story.run("parent"))
    check(here(story.command, "--resume", "lost"), 4, "the weights of parent that it began with are gone")


def test_another_network_than_that_of_the_weights_is_refused(here: Cli, story: Story) -> None:
    settings = FAMILIES[story.promised.family].settings
    document = document_of(story.run())
    recorded = settings.from_mapping({name: entry["value"] for name, entry in document["settings"].items()})
    name, value = next((n, v) for n in recorded.architecture if type(v := getattr(recorded, n)) is int)
    flag = f"--{name.replace('_', '-')}"
    data = [flag for flag in story.promised.flags[:2] if story.promised.home != "trained text"] or ["corpus.txt"]
    outcome = here(story.command, *data, "--init-from", "story", flag, value + 1, "--name", "other")
    check(outcome, 2, f"{flag} {value + 1} contradicts --init-from story, which has {value}")
    if FAMILIES[story.promised.family].presets:
        preset = next(iter(FAMILIES[story.promised.family].presets))
        fragment = f"--preset {preset} and --init-from story contradict each other"
        check(here(story.command, *data, "--init-from", "story", "--preset", preset), 2, fragment)
    check(here(story.command, "--resume", "story", "--init-from", "story"), 2, "--resume and --init-from contradict")
    assert not story.run("other").exists()


def test_a_run_json_as_config_brings_the_data_too(here: Cli, story: Story) -> None:
    config = story.run() / "run.json"
    outcome = here(story.command, "--config", config, "--name", "again")
    assert outcome.code == 0, outcome.err
    assert f"of the run too, as --config {config} says: " in outcome.err
    assert weights_of(story.run("again")) == weights_of(story.run())
    shutil.rmtree(story.run("again"))

    data = story.promised.flags[:1] if story.promised.home == "trained text" else story.promised.flags[:2]
    outcome = here(story.command, *data, "--config", config, "--epochs", 1, "--name", "beside")
    assert outcome.code == 0, outcome.err
    assert f"takes {' '.join(data)}, and not " in outcome.err
    shutil.rmtree(story.run("beside"))


@pytest.mark.parametrize(
    ("changes", "code", "fragment"),
    [
        ({"data": {}}, 2, "does not say what its run was trained on"),
        ({"family": "strange"}, 2, "is of a strange run, but this is train-"),
        ({"data": {"fingerprint": "0" * 64}}, 3, "or"),
    ],
)
def test_a_run_json_as_config_is_refused_where_its_data_are_not_to_be_had(
    here: Cli, story: Story, tmp_path: Path, changes: dict[str, Any], code: int, fragment: str
) -> None:
    document, config = document_of(story.run()), tmp_path / "run.json"
    merged = {"data": document["data"] | changes["data"]} if changes.get("data") else changes
    config.write_text(json.dumps(document | merged), encoding="utf-8")
    check(here(story.command, "--config", config, "--name", "none"), code, fragment)
    assert not story.run("none").exists()
