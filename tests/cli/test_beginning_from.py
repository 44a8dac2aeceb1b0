"""What a training of images begins with: another run's weights or data, pictures in colour, small classes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli.mistakes import check
from genmodels.runs import RunDir
from homes import TINY_VAE, shapes, write_set

HOME = "vae"
FROM_PLAIN = ("--init-from", "plain", "--epochs", 1, "--seed", 3, "--batch-size", 20)


def document_of(home: Path, name: str) -> dict:
    return json.loads((home / "runs" / name / "run.json").read_text(encoding="utf-8"))


def test_images_of_another_size_than_the_weights_learned_from_are_refused(at_home, home: Path) -> None:
    write_set(home / "smaller.npz", *shapes(8, 8, 90), trained_on=60)
    outcome = at_home("train-vae", "--dataset", "smaller.npz", *FROM_PLAIN, "--name", "small")
    check(outcome, 2, "--init-from plain: it learned from images of 10x12, and these are 8x8")
    assert not (home / "runs" / "small").exists()


def test_another_number_of_classes_is_refused_where_the_network_knows_them_and_other_names_are_told(
    at_home, home: Path
) -> None:
    pixels, labels = shapes(12, 10, 150)
    write_set(home / "two.npz", pixels, labels % 2, trained_on=120)
    begun = ("--init-from", "classes", "--epochs", 1, "--batch-size", 20, "--name")
    check(
        at_home("train-vae", "--dataset", "two.npz", *begun, "none"), 2,
        "--init-from classes: it tells 3 classes apart, and here are 2",
    )  # fmt: skip
    write_set(home / "named.npz", pixels, np.array(["ox", "yak", "zebu"])[labels], trained_on=120)
    outcome = at_home("train-vae", "--dataset", "named.npz", *begun, "named")
    assert outcome.code == 0, outcome.err
    assert "note: the classes are others than those of classes: where it has '0', here is 'ox'" in outcome.err
    outcome = at_home("train-vae", "--dataset", "two.npz", *FROM_PLAIN, "--name", "free")
    assert outcome.code == 0, outcome.err
    assert "others than those" not in outcome.err, "what knows no classes does not mind them"


def test_a_setting_that_is_not_of_the_network_may_be_another(at_home, home: Path) -> None:
    outcome = at_home("train-vae", "--dataset", "set.npz", *FROM_PLAIN, "--beta", 2, "--name", "softer", "--json")
    assert outcome.code == 0, outcome.err
    settings = document_of(home, "softer")["settings"]
    assert settings["latent_size"] == {"value": 4, "from": "run"}
    assert settings["beta"] == {"value": 2.0, "from": "flag"}


def test_a_finished_run_whose_states_were_pruned_is_not_said_to_have_saved_nothing(at_home, home: Path) -> None:
    outcome = at_home("train-vae", "--dataset", "set.npz", *FROM_PLAIN, "--name", "spared")
    assert outcome.code == 0, outcome.err
    assert at_home("runs", "prune", "spared", "--yes").code == 0
    RunDir(home / "runs" / "spared").update(init_from="removed")
    outcome = at_home("train-vae", "--resume", "spared")
    check(outcome, 4, "runs/spared is finished, and its training states are removed: nothing is left to train")
    assert outcome.err.endswith("genmodels train-vae --config runs/spared/run.json --init-from runs/spared\n")
    outcome = at_home("train-vae", "--config", "runs/spared/run.json", "--init-from", "runs/spared", "--name", "on")
    assert outcome.code == 0, outcome.err


def test_pictures_in_colour_are_refused_or_taken_as_grey_and_a_run_on_them_goes_on(at_home, home: Path) -> None:
    (home / "coloured").mkdir()
    for number, pixels in enumerate(shapes(12, 10, 30)[0]):
        Image.fromarray(np.stack([pixels, pixels // 2, pixels], axis=2)).save(home / "coloured" / f"{number:02}.png")
    tiny = ("--dataset", "coloured", *TINY_VAE, "--epochs", 1, "--name", "coloured")
    refused = at_home("train-vae", *tiny)
    check(refused, 3, "00.png is in colour, but the models here are for grey images")
    assert "--grey" in refused.err
    outcome = at_home("train-vae", *tiny, "--grey")
    assert outcome.code == 0, outcome.err
    assert "note: took the colours of 00.png and 29 others as grey" in outcome.err
    assert document_of(home, "coloured")["data"]["grey"] is True
    again = at_home("train-vae", "--resume", "coloured")
    assert again.code == 0, again.err
    (home / "coloured" / "00.png").unlink()
    assert "have changed since the run began" in at_home("train-vae", "--resume", "coloured").err


def test_a_class_too_small_to_be_held_out_is_named(at_home, home: Path) -> None:
    pixels, labels = shapes(12, 10, 60)
    labels = np.where(np.arange(60) == 7, 5, labels % 2)
    np.savez(home / "rare.npz", images=pixels, labels=labels)
    told = "note: too few images to hold out any of class 5 (1 image)"
    outcome = at_home("train-vae", "--dataset", "rare.npz", *TINY_VAE, "--epochs", 1, "--name", "rare")
    assert outcome.code == 0, outcome.err
    assert outcome.err.splitlines().count(told) == 1
    both = ("--val-images", 10, "--epochs", 1, "--name", "rarer")
    outcome = at_home("train-vae", "--dataset", "rare.npz", *TINY_VAE, *both)
    assert outcome.err.splitlines().count(told) == 2, "once of the test part, once of the validation part"


def test_a_run_json_as_config_of_another_family_is_told(at_home) -> None:
    config = "runs/plain/run.json"
    outcome = at_home("train-gan", "--config", config)
    check(outcome, 2, f"--config {config} is of a vae run, but this is train-gan")


def test_an_interrupt_outside_of_a_training_is_not_silent(at_home, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("genmodels.data.sound.voices.making.make_voices", interrupted)
    outcome = at_home("train-speech", "--epochs", 1)
    assert (outcome.code, outcome.out) == (130, "")
    *_, error, hint = outcome.err.splitlines()
    assert error == "interrupted before the training began: no run was made"
    assert hint == "hint: the same command begins it."


def test_an_interrupt_while_the_directory_is_made_leaves_its_name_free(
    at_home, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("genmodels.runs.making.write_synced", interrupted)
    outcome = at_home("train-vae", "--dataset", "set.npz", *TINY_VAE, "--name", "cut")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (130, "interrupted")
    assert not (home / "runs" / "cut").exists()
