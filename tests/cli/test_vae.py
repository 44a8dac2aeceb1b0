"""The VAE's commands through the real command line, on images that need no network."""

import csv
import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from cli.mistakes import check
from contract.helpers import records_of
from doors import ENTRY
from genmodels import VaeRun, open_run
from homes import TINY_VAE

HOME = "vae"


def test_the_recorded_bound_is_reconstruction_minus_kl(home: Path) -> None:
    evaluations = [record for record in records_of(home / "runs/plain") if "steps" not in record]
    assert len(evaluations) == 2 * 4
    for record in evaluations:
        assert record["elbo"] == pytest.approx(record["reconstruction"] - record["kl"])


def test_reconstruct_draws_originals_and_each_epoch(at_home, home: Path) -> None:
    outcome = at_home("reconstruct", "--run", "plain", "--epochs", "1,3", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert (result["epochs"], result["images"], result["classes"]) == ([1, 3], [0, 1, 2], ["0", "1", "2"])
    assert np.array(result["reconstruction"]).shape == (2, 3)
    assert all(value < 0 for row in result["reconstruction"] for value in row)
    with Image.open(home / result["figure"]) as picture:
        assert picture.width > 400
    again = json.loads(at_home("reconstruct", "--run", "plain", "--epochs", "1,3", "--json").out)
    assert again == result
    drawn = json.loads(at_home("reconstruct", "--run", "plain", "--epochs", "1,3", "--sample", "--json").out)
    assert drawn["reconstruction"] != result["reconstruction"]


def test_reconstruct_takes_images_by_number_and_other_formats(at_home, home: Path, tmp_path: Path) -> None:
    for kind, head in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        target = tmp_path / "figures" / f"r.{kind}"
        outcome = at_home("reconstruct", "--run", "plain", "--images", "3,17", "--out", target)
        assert outcome.code == 0, outcome.err
        assert outcome.out == f"{target}\n"
        assert target.read_bytes().startswith(head)


def test_reconstruct_without_classes_takes_ten_images_and_says_so(at_home) -> None:
    outcome = at_home("reconstruct", "--run", "bare", "--json")
    assert outcome.code == 0
    assert "no classes: took the first 10" in outcome.err
    assert json.loads(outcome.out)["images"] == list(range(10))


def test_plot_elbo_overlays_runs_and_gives_the_numbers(at_home, home: Path, tmp_path: Path) -> None:
    table = tmp_path / "elbo.csv"
    shutil.copytree(home / "runs" / "plain", home / "runs" / "second")
    outcome = at_home("plot-elbo", "--run", "plain", "--run", "second", "--csv", table, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert (home / result["figure"]).stat().st_size > 10_000
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(result["evaluations"]) == 2 * (4 + 4)
    assert float(rows[1]["elbo"]) == result["evaluations"][1]["elbo"]
    assert {row["run"] for row in rows} == {"plain", "second"}


def test_plot_elbo_never_imports_torch(home: Path) -> None:
    import subprocess
    import sys

    code = (
        f"import sys; {ENTRY}; code = run(['plot-elbo', '--run', 'plain', '--out', 'x.svg']);"
        "sys.exit(code or ('torch' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_eval_images_gives_the_bound_with_its_error(at_home) -> None:
    outcome = at_home("eval-images", "--run", "plain", "--epochs", "1,3", "--importance-samples", 30, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert (result["binarize"], result["split"]) == ("dynamic", "test")
    for row in result["results"]:
        assert row["elbo"] < row["importance_weighted_bound"] < 0
        assert row["importance_weighted_bound_standard_error"] > 0
        assert row["elbo_standard_error"] > 0
        assert row["importance_samples"] == 30
        assert len(row["kl_by_dimension"]) == 4
        assert sum(row["kl_by_dimension"]) == pytest.approx(row["kl"], abs=1e-4)
    assert "all epochs are measured on the same images, so what changes between them is surer than" in outcome.err
    table = at_home("eval-images", "--run", "plain", "--images", 10, "--split", "train")
    assert "the same images" not in table.err
    assert table.out.startswith("epoch\timages\telbo")


def test_eval_images_gives_the_bound_that_training_measured_at_its_own_seed(at_home, home: Path) -> None:
    trained = next(
        record
        for record in records_of(home / "runs/plain")
        if "steps" not in record and (record["epoch"], record["split"]) == (2, "test")
    )
    flags = ("eval-images", "--run", "plain", "--epochs", 2, "--importance-samples", 0, "--json")
    (ours, same, other) = (
        json.loads(at_home(*flags, *seed).out)["results"][0]["elbo"] for seed in ((), ("--seed", 3), ("--seed", 1))
    )
    assert ours == pytest.approx(trained["elbo"], rel=1e-6)
    assert ours == same != other


def test_grey_targets_have_no_importance_weighted_bound(at_home) -> None:
    outcome = at_home("eval-images", "--run", "grey", "--json")
    assert outcome.code == 0
    assert "no importance-weighted bound" in outcome.err
    assert "importance_weighted_bound" not in json.loads(outcome.out)["results"][0]
    again = json.loads(at_home("eval-images", "--run", "grey", "--binarize", "dynamic", "--json").out)
    assert "importance_weighted_bound" in again["results"][0]


def test_sample_images_repeats_itself_and_writes_arrays(at_home, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.npz" for name in "abc"]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        outcome = at_home("sample-images", "--run", "plain", "--count", 7, "--seed", seed, "--out", file)
        assert outcome.code == 0, outcome.err
    a, b, c = (np.load(file)["images"] for file in files)
    assert a.shape == (1, 7, 12, 10)
    assert a.dtype == np.float32
    assert ((a >= 0) & (a <= 1)).all()
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert at_home("sample-images", "--run", "plain", "--draw", "--out", files[0]).code == 0
    assert set(np.unique(np.load(files[0])["images"])) == {0.0, 1.0}


def test_a_code_of_one_dimension_has_no_plane(at_home) -> None:
    made = ("--dataset", "plain.npz", *TINY_VAE, "--model", "mlp", "--latent-size", "1", "--epochs", "1")
    assert at_home("train-vae", *made, "--name", "line").code == 0
    for kind in ("manifold", "scatter"):
        outcome = at_home("plot-latent", "--run", "line", "--kind", kind)
        check(outcome, 2, f"--kind {kind} shows two dimensions of the code, and that of runs/line has 1")
        assert "--kind traverse" in outcome.err.splitlines()[-1]
    assert at_home("plot-latent", "--run", "line", "--kind", "traverse").code == 0


def test_a_conditional_run_draws_the_classes_asked_for(at_home, tmp_path: Path) -> None:
    target = tmp_path / "s.npz"
    assert at_home("sample-images", "--run", "classes", "--classes", "2,0", "--count", 5, "--out", target).code == 0
    assert np.load(target)["labels"].tolist() == [2, 0, 2, 0, 2]
    outcome = at_home("sample-images", "--run", "classes", "--epochs", "1,2", "--count", 6, "--out", target)
    assert outcome.code == 0, outcome.err
    assert np.load(target)["images"].shape == (2, 6, 12, 10)


@pytest.mark.parametrize("kind", ["manifold", "interpolate", "traverse", "scatter"])
@pytest.mark.parametrize("name", ["plain", "classes", "bare"])
def test_every_kind_of_latent_figure_is_drawn_for_every_kind_of_run(at_home, home: Path, name: str, kind: str) -> None:
    outcome = at_home("plot-latent", "--run", name, "--kind", kind, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert result["kind"] == kind
    assert (home / result["figure"]).stat().st_size > 5_000


def test_the_way_between_two_images_is_drawn_in_rows_that_make_its_pictures_large(home: Path) -> None:
    walk = open_run("plain", VaeRun, runs=home / "runs").latent("interpolate", images=[0, 1])
    tops = [image.get_extent()[3] for image in walk.figure().axes[0].images]
    assert len(tops) == 13
    assert len(set(tops)) == 2


@pytest.mark.parametrize("kind", [(), ("--kind", "traverse", "--images", 3, "--steps", 5)])
def test_a_walk_is_animated_there_and_back(at_home, tmp_path: Path, kind) -> None:
    target = tmp_path / "walk.gif"
    outcome = at_home("plot-latent", "--run", "bare", *kind, "--animate", target, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert result["kind"] == ("traverse" if kind else "interpolate"), "not the run's usual kind, which does not move"
    assert result["animation"] == str(target)
    assert "figure" not in result
    with Image.open(target) as film:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    assert len(frames) == (9 if kind else 47)
    assert len({frame.shape for frame in frames}) == 1
    assert np.array_equal(frames[1], frames[-2]), "it goes back the way that it came"
    assert not np.array_equal(frames[0], frames[len(frames) // 2])
    assert len(np.unique(frames[0])) <= 16, "few greys, few bytes"


def test_the_usual_latent_figure_suits_the_run(at_home) -> None:
    assert at_home("plot-latent", "--run", "bare").out.endswith("latent-manifold.png\n")
    assert at_home("plot-latent", "--run", "plain").out.endswith("latent-traverse.png\n")


def test_resuming_with_changed_images_is_refused(at_home, home: Path) -> None:
    arrays = dict(np.load(home / "set.npz"))
    np.savez(home / "other.npz", **arrays)
    assert at_home("train-vae", "--dataset", "other.npz", *TINY_VAE, "--epochs", 1, "--name", "changed", "-q").code == 0
    np.savez(home / "other.npz", **(arrays | {"x_test": arrays["x_test"][::-1]}))
    check(at_home("train-vae", "--resume", "changed"), 3, "have changed since the run began")


def test_collapse_is_told(at_home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.signs.ENOUGH_STEPS", 1)
    monkeypatch.setattr("genmodels.training.task.beginning_of", lambda family, model: None)
    outcome = at_home(
        "train-vae",
        "--dataset",
        "set.npz",
        *TINY_VAE,
        "--epochs",
        1,
        "--beta",
        1000,
        "--name",
        "flat",
        "--model",
        "mlp",
    )
    assert outcome.code == 0
    assert "the code has collapsed" in outcome.err
    assert "; try --beta 1, --kl-warmup-steps 1000 or --free-bits 0.1" in outcome.err


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        (("--beta", 5), "which may be because it is hardly trained: try --epochs "),
        (("--beta", 1000), "or --beta 1000 is far above the usual 1: try --epochs "),
        (  # so long a warm-up leaves the rate near 0, so that these few steps can't diverge
            ("--beta", 5, "--learning-rate", 10, "--warmup-steps", 10**9),
            "or --learning-rate 10 is far above the usual 0.003: try --epochs ",
        ),
    ],
)
def test_a_code_that_is_hardly_trained_is_not_said_to_have_collapsed(
    at_home, setting: tuple[object, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.training.vae.COLLAPSED_NATS", float("inf"))
    flags = (*TINY_VAE, "--epochs", 1, *setting, "--model", "mlp")
    outcome = at_home("train-vae", "--dataset", "set.npz", *flags)
    assert outcome.code == 0
    assert "collapsed" not in outcome.err
    assert why in outcome.err


def test_runs_of_the_same_name_stay_apart_in_a_figure(at_home, home: Path, tmp_path: Path) -> None:
    for folder, model in (("A", "mlp"), ("B", "conv")):
        command = ("train-vae", "--dataset", "set.npz", *TINY_VAE, "--model", model, "--epochs", 1, "--runs", folder)
        assert at_home(*command, "--name", "same", "-q").code == 0
    table = tmp_path / "both.csv"
    outcome = at_home("plot-elbo", "--run", "A/same", "--run", "B/same", "--csv", table, "--out", tmp_path / "both.png")
    assert outcome.code == 0, outcome.err
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["run"] for row in rows} == {"A/same", "B/same"}
    assert len(rows) == 2 * 2 * 2


def test_static_targets_are_evaluated_as_the_run_saw_them(at_home, home: Path) -> None:
    command = ("train-vae", "--dataset", "set.npz", *TINY_VAE, "--model", "mlp", "--binarize", "static", "--epochs", 1)
    assert at_home(*command, "--name", "fixed", "-q").code == 0
    arguments = ("eval-images", "--run", "fixed", "--importance-samples", 0, "--json")
    first, other = (json.loads(at_home(*arguments, "--seed", s).out)["results"][0] for s in (1, 2))
    assert first["kl"] == other["kl"], "the same targets whatever the seed of the codes"
    assert first["elbo"] != other["elbo"]


def test_what_is_held_out_of_a_sorted_set_is_of_every_class(home: Path, tmp_path: Path) -> None:
    from genmodels.data.images.opening import open_images
    from genmodels.settings.vae import VaeSettings
    from genmodels.training.image_task import parts_of

    arrays = dict(np.load(home / "set.npz"))
    order = np.argsort(arrays["y_train"], kind="stable")
    np.savez(
        tmp_path / "sorted.npz",
        **(arrays | {"x_train": arrays["x_train"][order], "y_train": np.sort(arrays["y_train"])}),
    )
    train, held_out = parts_of(VaeSettings(val_images=30), open_images(str(tmp_path / "sorted.npz"), lambda _: None))
    assert len(train.pixels) == 90
    assert np.bincount(held_out.labels).min() >= 4
    assert (np.bincount(train.labels) + np.bincount(held_out.labels)).tolist() == [40, 40, 40]


def test_names_that_mean_something_elsewhere_are_drawn_as_they_are(at_home, home: Path, tmp_path: Path) -> None:
    name, target = "bad$\\foo$", tmp_path / "figure.svg"
    (home / f"{name}.npz").write_bytes((home / "set.npz").read_bytes())
    command = ("train-vae", "--dataset", f"{name}.npz", *TINY_VAE, "--epochs", 1, "--name", "dollars", "-q")
    assert at_home(*command).code == 0
    for command, drawn in (("reconstruct", name), ("plot-elbo", name), ("sample-images", name), ("plot-latent", name)):
        outcome = at_home(command, "--run", "dollars", "--out", target)
        assert outcome.code == 0, outcome.err
        texts = re.findall(r"<(?:text|tspan)[^>]*>([^<]*)<", target.read_text(encoding="utf-8"))
        assert drawn in html.unescape("".join(texts)), command
