"""A row is enough: a family of sixty lines does all that the house does for families, by one line in the registry."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels
from contract.helpers import At, assert_same, fit, interrupt, new_run, records_of, stopped_in_epoch, weights_of
from contract.toy import TOY, ToyRun, ToySettings, ToyTask, prepare
from doors import FAMILIES, Cli
from genmodels.data.images.opening import open_images
from genmodels.telling import silent
from homes import shapes, write_set


@pytest.fixture
def toys(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line of a house with one family more, beside an image set."""
    monkeypatch.setitem(FAMILIES, TOY.name, TOY)  # the one line
    pixels, labels = shapes(6, 7, 90)
    write_set(tmp_path / "set.npz", pixels, labels, 60)
    return cli


FLAGS = ("--dataset", "set.npz", "--batch-size", 20, "--learning-rate", 0.2, "--warmup-steps", 1)


def train(toys: Cli, name: str, *more: object) -> None:
    outcome = toys("train-toy", *FLAGS, "--name", name, *more)
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"runs/{name}\n"
    assert f"next: genmodels sample-images --run runs/{name}" in outcome.err


def test_a_toy_family_trains_resumes_is_listed_drawn_from_measured_and_shown(toys: Cli, tmp_path: Path) -> None:
    train(toys, "first", "--epochs", 3)
    records = genmodels.open_run("first").evaluations()
    tested = [record["nll"] for record in records if record["split"] == "test"]
    assert tested[-1] < 0.9 * tested[0], "it learns"

    assert toys("train-toy", "--resume", "first", "--json").code == 0
    assert "--batch-size 3 contradicts the run" in toys("train-toy", "--resume", "first", "--batch-size", 3).err

    listed = json.loads(toys("runs", "list", "--json").out)["runs"]
    assert [(run["run"], run["family"], run["state"]) for run in listed] == [("first", "toy", "finished")]
    assert listed[0]["best"] == pytest.approx(min(tested[1:]))
    assert "pixelwise" in toys("runs", "show", "first").out

    drawn = toys("sample-images", "--count", 9, "--out", "nine.npz")
    assert drawn.code == 0, drawn.err
    assert np.load(tmp_path / "nine.npz")["images"].shape == (1, 9, 6, 7)
    measured = json.loads(toys("eval-images", "--json").out)["results"][0]
    assert measured["nll"] == pytest.approx(min(tested[1:]), rel=0.1)

    run = genmodels.open_run("first", ToyRun)
    assert run.draw(4).shape == (4, 6, 7)
    page = run._repr_html_()
    assert "toy run runs/first" in page
    assert "<img" in page, "the course of its score"


def test_the_command_line_goes_on_with_a_stopped_toy_to_the_same_weights(toys: Cli, tmp_path: Path) -> None:
    train(toys, "whole", "--epochs", 3)
    with stopped_in_epoch(2, "train"):
        stopped = toys("train-toy", *FLAGS, "--name", "stopped", "--epochs", 3)
    assert (stopped.code, stopped.out) == (130, "")
    assert "hint: genmodels train-toy --resume runs/stopped goes on." in stopped.err
    assert json.loads(toys("runs", "show", "stopped", "--json").out)["state"] == "stopped"
    resumed = toys("train-toy", "--resume", "stopped")
    assert (resumed.code, resumed.out) == (0, "runs/stopped\n"), resumed.err
    whole, parts = (weights_of(tmp_path / "runs" / name) for name in ("whole", "stopped"))
    assert len(whole) == 3
    assert whole == parts


def test_a_toy_family_that_was_stopped_and_goes_on_ends_with_the_same_bits(toys: Cli, tmp_path: Path) -> None:
    def task() -> ToyTask:
        settings = ToySettings(batch_size=20, device="cpu", warmup_steps=1)
        return prepare(settings, open_images("set.npz", silent))

    whole, stopped = (new_run(tmp_path, name, TOY.name) for name in ("whole", "stopped"))
    fit(task(), whole)
    with pytest.raises(genmodels.Stopped):
        fit(task(), stopped, At(4, interrupt))
    fit(task(), stopped)
    assert_same(whole, stopped)


def test_a_line_of_the_log_weighs_each_update_by_the_images_that_it_read(
    toys: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = prepare(ToySettings(batch_size=25, device="cpu", warmup_steps=1), open_images("set.npz", silent))
    update, read = task.train_step, []

    def watched(step: int, rate: float) -> dict[str, torch.Tensor]:
        result = update(step, rate)
        read.append((task.units(step), float(result["nll"])))
        return result

    monkeypatch.setattr(task, "train_step", watched)
    run = new_run(tmp_path, "partial", TOY.name)
    fit(task, run, epochs=1)
    assert [images for images, _ in read] == [25, 25, 10]
    (line,) = [record for record in records_of(run.path) if "steps" in record]
    assert line["nll"] == pytest.approx(sum(images * nll for images, nll in read) / 60)
