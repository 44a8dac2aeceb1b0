"""New runs and what contradicts a resumed one."""

import re
from pathlib import Path
from typing import Any

import pytest

from genmodels.errors import ResourceError, RunError, UsageError
from genmodels.families import FAMILIES
from genmodels.runs import RunDir
from genmodels.settings.resolving import resolve
from genmodels.settings.text import TextSettings
from genmodels.training.starting import NewRun, begin_run, check_asked, check_new_run, plan_of, refuse_contradictions


class Stepping:
    steps_per_epoch = 10


def begun(tmp_path: Path, **settings: Any) -> RunDir:
    resolved = resolve(TextSettings, settings, None, {})
    new = NewRun("text", resolved, resolved.settings, {"data": {}}, ("train-text", "story.txt"))
    return begin_run(new, 10, tmp_path / "runs", "story")


def test_a_new_run_records_its_command_line_its_plan_and_what_it_runs_on(tmp_path: Path) -> None:
    document = begun(tmp_path, epochs=3).document()
    assert document["argv"] == ["train-text", "story.txt"]
    assert document["plan"]["total_steps"] == 30
    assert document["settings"]["epochs"] == {"value": 3, "from": "flag"}
    machine = {"python", "platform", "processor", "device"}
    assert document["versions"].keys() == machine | {"genmodels", "torch", "numpy", "safetensors"}
    assert re.search(r", \d+ cores?$", document["versions"]["processor"])
    assert all(document["versions"].values())


def test_runs_cannot_be_written_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(ResourceError, match=r"cannot write runs into .*runs: it is not a folder") as caught:
        check_new_run(tmp_path / "runs", "story")
    assert caught.value.hint == "name another with --runs."
    check_new_run(tmp_path / "others", "story")


def test_a_damaged_plan_is_told(tmp_path: Path) -> None:
    run = begun(tmp_path, epochs=3)
    assert plan_of(run, Stepping(), TextSettings(epochs=3)).total_steps == 30
    run.update(plan={"steps_per_epoch": 10})
    with pytest.raises(RunError, match=r"run\.json holds no valid plan") as caught:
        plan_of(run, Stepping(), TextSettings(epochs=3))
    assert caught.value.hint == "restore it from a copy."


def refused(run: RunDir, given: dict[str, Any], **others: object) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        refuse_contradictions(run, given, others)
    return str(caught.value), str(caught.value.hint)


def test_a_resumed_run_keeps_its_settings_and_says_how_a_new_one_takes_its_weights(tmp_path: Path) -> None:
    run = begun(tmp_path, epochs=3, batch_size=4)
    refuse_contradictions(run, {"epochs": 3, "batch_size": 4, "device": "cpu"}, {"--name": None})
    told, hint = refused(run, {"batch_size": 3})
    assert told == "--batch-size 3 contradicts the run, which has 4"
    assert hint == (
        "leave it out: a resumed run keeps its settings; begin a new run for others "
        f"(train-text --init-from {run.quoted} starts from its weights)."
    )
    told, hint = refused(run, {"epochs": 5})
    assert told == "--epochs 5 contradicts the run, which was planned by --epochs 3"
    resume = f"genmodels train-text --resume {run.quoted}"
    longer = f"then it can be trained longer: {resume}"
    assert hint == f"finish it first, as it was planned, by {resume}; {longer} --epochs 5"
    assert refused(run, {"minutes": 2.5})[1].endswith(f"{longer} --minutes 2.5")
    (run.checkpoints / "epoch-0001").mkdir()
    at_once = f"--config {run.path / 'run.json'} --init-from {run.quoted} --minutes 2.5"
    assert refused(run, {"minutes": 2.5})[1].endswith(
        f"by {resume} --minutes 2.5; or at once, a new run trains its weights further, on the same data: "
        f"genmodels train-text {at_once}"
    )
    assert refused(run, {"epochs": 2})[1].startswith("leave it out"), "it will have come further"
    assert refused(run, {}, **{"--name": "other"}) == (
        "--resume and --name contradict each other: a run goes on with its own", "leave it out, or begin a new run.",
    )  # fmt: skip


def test_epochs_contradict_a_run_that_ends_by_the_clock_however_many_they_are(tmp_path: Path) -> None:
    run = begun(tmp_path, minutes=2.0)
    refuse_contradictions(run, {"minutes": 2.0}, {})
    for epochs in (TextSettings().epochs, TextSettings().epochs + 1):
        told, _ = refused(run, {"epochs": epochs})
        assert told == f"--epochs {epochs} contradicts the run, which was planned by --minutes 2"


@pytest.mark.parametrize(
    ("family", "given", "told"),
    [("text", {"momentum": 0.9}, "--momentum 0.9 means nothing to --optimizer adamw"),
     ("vae", {"optimizer": "schedule-free", "average_weights": 0.9},
      "--average-weights 0.9 means nothing to --optimizer schedule-free"),
     ("gan", {"gradient_penalty": 3.0}, "--gradient-penalty 3.0 means nothing to --loss non-saturating"),
     ("gan", {"until": "foo=1"}, "until foo=1: there is no score 'foo'")],
)  # fmt: skip
def test_an_option_that_means_nothing_beside_the_others_is_refused(
    family: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_asked(family, resolve(FAMILIES[family].settings, given, None, {}))
    assert str(caught.value) == told


def test_sizes_of_another_model_and_what_nobody_asked_for_refuse_nothing() -> None:
    check_asked("text", resolve(TextSettings, {"context": 4}, None, {}))
    check_asked("text", resolve(TextSettings, {"momentum": 0.9, "optimizer": "muon"}, None, {}))
    check_asked("text", resolve(TextSettings, {}, None, {"momentum": 0.9}))
