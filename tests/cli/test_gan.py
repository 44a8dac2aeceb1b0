"""train-gan and what goes with it, through the real command line, on images that need no network."""

import csv
import json
import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cli.mistakes import check
from contract.helpers import records_of, stopped_in_epoch
from genmodels.exhibit import Table
from genmodels.families.comparison import _worse_told
from genmodels.figures import gan
from homes import TINY_GAN

HOME = "gan"


def test_both_players_are_recorded_step_by_step(home: Path) -> None:
    steps = [record for record in records_of(home / "runs/game") if "steps" in record]
    names = {"score_real", "score_drawn", "discriminator_loss", "generator_loss", "gradient_norm"}
    assert all(names <= record.keys() for record in steps)
    assert all(0 < record["score_real"] < 1 for record in steps)


def test_what_is_drawn_is_measured_after_each_epoch_and_told_in_words(home: Path) -> None:
    records = [r for r in records_of(home / "runs/game") if "steps" not in r and r["split"] == "test"]
    assert [record["epoch"] for record in records] == [0, 1, 2, 3]
    for record in records:
        assert sum(record[f"share/{k}"] for k in range(3)) == pytest.approx(1.0)
        assert {"class_kl", "classes_present", "kernel_distance", "precision", "recall", "real/recall"} <= record.keys()
    text = (home / "runs/game/samples/epoch-0003.txt").read_text(encoding="utf-8")
    for expected in ("the discriminator gives", "losses", "kernel distance", "precision", "classes drawn,", "of 3"):
        assert expected in text
    assert len([line for line in text.splitlines() if any(map(str.isalpha, line))]) == 3, "a few lines of words"


def test_the_end_of_a_training_has_no_row_of_dashes_and_tells_that_few_images_were_measured(at_home) -> None:
    outcome = at_home("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", 1, "--name", "rows")
    assert outcome.code == 0, outcome.err
    assert [line for line in outcome.err.splitlines() if line.startswith("train\t")] == []
    assert outcome.err.count("75 images are few: of fewer than 1,000 precision and recall come out too high") == 1


def test_the_end_of_a_training_has_a_precision_that_says_nothing_in_brackets(
    at_home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Table] = []
    monkeypatch.setattr("genmodels.cli.training.show", lambda table, _: shown.append(table))
    outcome = at_home("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", 1, "--name", "doubted")
    assert outcome.code == 0, outcome.err
    (table,) = shown
    place = list(table.columns).index("precision")
    assert table.rows[0]["recall"] < 0.01, "it has learned nothing yet"
    assert table.spoken_cells()[0][place] == f"({table.cells()[0][place]})"


def test_measures_of_few_images_are_told_to_be_doubtful(at_home, home: Path, tmp_path: Path) -> None:
    outcome = at_home("eval-images", "--run", "game", "--images", 16)
    assert outcome.code == 0, outcome.err
    assert "the images that epoch 3 draws are nearly all alike" in outcome.err, "of those precision says nothing"
    figure = tmp_path / "both.svg"
    outcome = at_home("compare-images", "game", "pixels", "--count", 100, "--out", figure)
    assert outcome.code == 0, outcome.err
    assert outcome.err.count("75 images are few") == 1
    assert "precision" not in figure.read_text(encoding="utf-8").lower(), "it is not shown"
    figure = tmp_path / "game.svg"
    assert at_home("plot-gan", "--run", "game", "--out", figure).code == 0
    assert "precision" not in figure.read_text(encoding="utf-8").lower(), "it is not shown"


def test_lost_modes_are_told(at_home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.signs.ENOUGH_STEPS", 1)
    monkeypatch.setattr("genmodels.training.task.beginning_of", lambda family, model: None)
    outcome = at_home("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", 1, "--name", "short", "--seed", 3)
    assert outcome.code == 0, outcome.err
    assert "modes are lost" in outcome.err


def test_lost_modes_are_told_once_also_where_a_training_goes_on(at_home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.signs.ENOUGH_STEPS", 1)
    monkeypatch.setattr("genmodels.training.task.beginning_of", lambda family, model: None)
    flags = ("--dataset", "set.npz", *TINY_GAN, "--epochs", 5, "--seed", 3, "--name", "lost")
    with stopped_in_epoch(4, "test"):
        stopped = at_home("train-gan", *flags)
    assert stopped.code == 130
    assert stopped.err.count("since epoch 1, modes are lost") == 1
    resumed = at_home("train-gan", "--resume", "lost")
    assert resumed.code == 0, resumed.err
    assert "modes are lost" not in resumed.err


def test_the_classifier_is_trained_once(at_home, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    for name, told in (("first", True), ("second", False)):
        outcome = at_home("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", 1, "--name", name)
        assert outcome.code == 0, outcome.err
        assert ("training the classifier" in outcome.err) == told


def test_a_set_without_classes_is_played_on_too(at_home, home: Path) -> None:
    outcome = at_home("eval-images", "--run", "plain", "--json")
    assert outcome.code == 0, outcome.err
    (result,) = json.loads(outcome.out)["results"]
    assert "class_kl" not in result
    assert result["class_shares"] == []
    assert result["kernel_distance"] > abs(result["real/kernel_distance"])
    drawn = at_home("plot-gan", "--run", "plain")
    assert drawn.code == 0, drawn.err
    assert (home / drawn.out.strip()).read_bytes().startswith(b"\x89PNG")


def test_eval_images_measures_by_other_images_than_chose_the_epoch_which_it_says(at_home, home: Path) -> None:
    trained = next(
        record
        for record in records_of(home / "runs/game")
        if "steps" not in record and (record["epoch"], record["split"]) == (2, "test")
    )
    outcome = at_home("eval-images", "--run", "game", "--epochs", 2, "--json")
    (ours,) = json.loads(outcome.out)["results"]
    assert (ours["images"], trained["images"], ours["chosen_by"]) == (75, 75, "half of test")
    assert ours["kernel_distance"] != trained["kernel_distance"]
    assert ours["real/kernel_distance"] != trained["real/kernel_distance"], "laid beside other real images"
    assert "earlier version" not in outcome.err


def test_an_epoch_that_an_earlier_version_chose_by_all_test_images_is_told_wherever_it_is_measured(
    at_home, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.families.gan.CHOSEN_BY", "not there")
    told = "game was trained by an earlier version, which chose its best epoch by all test images"
    assert told in at_home("eval-images", "--run", "game").err
    assert told in at_home("compare-images", "game", "pixels", "--count", 100).err


def test_eval_images_measures_chosen_epochs(at_home, home: Path) -> None:
    outcome = at_home("eval-images", "--run", "game", "--epochs", "1-3", "--json")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert (document["binarize"], document["split"]) == ("none", "test")
    assert [r["epoch"] for r in document["results"]] == [1, 2, 3]
    for result in document["results"]:
        assert result["images"] == 75
        assert sum(result["class_shares"]) == pytest.approx(1.0)
        assert len(result["classifier"]) == 12
    assert at_home("eval-images", "--run", "game", "--epochs", "1-3", "--json").out == outcome.out
    other = json.loads(at_home("eval-images", "--run", "game", "--images", 60, "--binarize", "dynamic", "--json").out)
    assert (other["binarize"], other["results"][0]["images"]) == ("dynamic", 60)
    table = at_home("eval-images", "--run", "game")
    assert "(real images)\t75\t3\t" in table.out
    assert "nats" not in table.out


def test_sample_images_draws_the_same_codes_at_every_epoch_and_animates_them(
    at_home, home: Path, tmp_path: Path
) -> None:
    arrays, film = tmp_path / "drawn.npz", tmp_path / "film.gif"
    outcome = at_home(
        "sample-images", "--run", "game", "--epochs", "1-3", "--count", 9, "--out", arrays, "--animate", film
    )
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"{arrays}\n{film}\n"
    images = np.load(arrays)["images"]
    assert images.shape == (3, 9, 8, 8)
    assert ((images > 0) & (images < 1)).all()
    with Image.open(film) as picture:
        assert picture.n_frames == 3
        durations = []
        for frame in range(3):
            picture.seek(frame)
            durations.append(picture.info["duration"])
    assert durations == [500, 500, 2000]
    drawn = tmp_path / "binary.npz"
    assert at_home("sample-images", "--run", "game", "--draw", "--count", 3, "--out", drawn).code == 0
    assert set(np.unique(np.load(drawn)["images"])) <= {0.0, 1.0}


def test_other_families_are_animated_too(at_home, home: Path, tmp_path: Path) -> None:
    small = ("--dataset", "set.npz", "--model", "mlp", "--epochs", 2)
    assert at_home("train-vae", *small, "--name", "two", "-q").code == 0
    outcome = at_home("sample-images", "--run", "two", "--epochs", "1,2", "--animate", tmp_path / "vae.gif", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["animation"].endswith("vae.gif")
    with Image.open(tmp_path / "vae.gif") as picture:
        assert picture.n_frames == 2


def test_plot_latent_walks_between_random_codes(at_home, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "walk.png"
    outcome = at_home("plot-latent", "--run", "game", "--steps", 5, "--seed", 3, "--out", target, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["kind"] == "interpolate"
    first = target.read_bytes()
    assert at_home("plot-latent", "--run", "game", "--steps", 5, "--seed", 4, "--out", target).code == 0
    assert target.read_bytes() != first
    walk = tmp_path / "walk.gif"
    assert at_home("plot-latent", "--run", "game", "--steps", 3, "--animate", walk).out == f"{walk}\n"
    with Image.open(walk) as film:
        assert film.n_frames == 5


def test_plot_gan_reads_the_metrics_alone(at_home, home: Path, tmp_path: Path) -> None:
    table = tmp_path / "course.csv"
    outcome = at_home("plot-gan", "--run", "game", "--epoch", 2, "--csv", table, "--json")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert (home / document["figure"]).read_bytes().startswith(b"\x89PNG")
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert float(rows[3]["kernel_distance"]) == document["evaluations"][3]["kernel_distance"]


def test_plot_gan_draws_what_the_evaluations_measured_of_both_players(
    at_home, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[gan.GanCourse] = []
    whole = gan.gan_figure
    monkeypatch.setattr(gan, "gan_figure", lambda course, title: [drawn.append(course), whole(course, title)][1])
    assert at_home("plot-gan", "--run", "game", "--out", tmp_path / "game.png").code == 0
    evaluated = [record for record in records_of(home / "runs/game") if "kernel_distance" in record]
    for name in ("score_real", "score_drawn", "discriminator_loss", "generator_loss"):
        epochs, values = drawn[0].measured[name]
        assert epochs == [0.0, 1.0, 2.0, 3.0]
        assert values == [record[name] for record in evaluated]


def test_compare_images_puts_the_families_in_one_table(at_home, home: Path, tmp_path: Path) -> None:
    table, figure = tmp_path / "families.csv", tmp_path / "families.png"
    outcome = at_home(
        "compare-images", "vae", "pixels", "game", "--count", 100, "--csv", table, "--out", figure, "--json"
    )
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert (document["targets"], document["images"]) == ("dynamic", 75)
    vae, pixels, game = document["runs"]
    best = min(document["runs"], key=lambda row: row["kernel_distance"])
    assert {record["other"] for record in document["differences"]} == {"vae", "pixels", "game"} - {best["run"]}
    for record in document["differences"]:
        other = next(row for row in document["runs"] if row["run"] == record["other"])
        assert record["difference"] == pytest.approx(other["kernel_distance"] - best["kernel_distance"], rel=1e-3)
        assert record["difference_standard_error"] > 0
    recorded = [json.loads(line) for line in (home / "runs/vae/metrics.jsonl").read_text().splitlines()]
    assert vae["nats"] == pytest.approx(-recorded[-1]["elbo"])
    assert [row["relation"] for row in document["runs"]] == ["<=", "=", ""]
    assert game["nats"] is None
    for row in document["runs"]:
        assert row["kernel_distance"] > document["real"]["kernel_distance"]
        assert row["seconds_for_64"] > 0
        assert row["parameters"] > 0
    assert pixels["model"] == "pixel model, pixelcnn"
    assert figure.read_bytes().startswith(b"\x89PNG")
    with table.open(newline="") as file:
        assert [row["run"] for row in csv.DictReader(file)] == ["vae", "pixels", "game", "(real images)"]


def test_compare_images_says_which_run_was_better_untrained() -> None:
    records = [
        {"epoch": epoch, "split": "test", "kernel_distance": far} for epoch, far in ((0, 1.0), (1, 3.0), (2, 2.0))
    ]
    told = "better untrained (kernel distance 1) than after its best epoch (2), which is shown: game"
    run = SimpleNamespace(family="gan", name="game", evaluations=lambda: records)
    assert _worse_told([run]) == [told]
    records[0]["kernel_distance"] = 2.5
    assert _worse_told([run]) == []
    assert _worse_told([SimpleNamespace(family="gan", name="game", evaluations=list)]) == []


def test_compare_images_compares_grey_images_where_all_runs_are_grey(at_home) -> None:
    outcome = at_home("compare-images", "grey-vae", "mlp", "--count", 100, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["targets"] == "none"


def test_compare_images_takes_the_newest_of_each_family(at_home, home: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    for name in ("vae", "game", "pixels", "mlp"):  # the newest GAN is named mlp
        shutil.copytree(home / "runs" / name, chosen / name)
    outcome = at_home("compare-images", "--count", 100, "--runs", chosen, "--json")
    assert outcome.code == 0, outcome.err
    assert [row["run"] for row in json.loads(outcome.out)["runs"]] == ["vae", "pixels", "mlp"]


def test_nats_of_other_levels_or_of_another_part_are_not_compared(at_home) -> None:
    small = ("--dataset", "set.npz", "--channels", 2, "--epochs", 1, "--batch-size", 40)
    assert at_home("train-pixelrnn", *small, "--layers", 1, "--levels", 4, "--name", "four").code == 0
    held_out = ("--val-images", 30, "--hidden-size", 8, "--name", "held-out")
    assert at_home("train-vae", *small, "--binarize", "none", *held_out).code == 0
    for runs, fragment in (
        (("grey-vae", "four"), "four: binarize none, levels 4, test images"),
        (("grey-vae", "held-out"), "held-out: binarize none, 30 validation images, seed 1"),
    ):
        check(at_home("compare-images", *runs, "--count", 100), 2, fragment)


@pytest.mark.parametrize(
    ("command", "fragment", "hint"),
    [
        (
            ("train-gan", "--accept-changes", "--resume"),
            "was measured by the Fréchet distance",
            "train-gan --init-from",
        ),
        (("plot-gan", "--run"), "was measured by an earlier version", "eval-images --run"),
        (("plot-curve", "--run"), "was measured by an earlier version", "eval-images --run"),
        (("plot-curve", "--score", "precision", "--run"), "was measured by an earlier version", "eval-images --run"),
    ],
)
def test_what_an_earlier_version_measured_is_not_mixed_with_what_this_one_does(
    at_home, home: Path, command: tuple[str, ...], fragment: str, hint: str
) -> None:
    former = home / "runs/former"
    if not former.exists():
        shutil.copytree(home / "runs/game", former)
        records = (former / "metrics.jsonl").read_text(encoding="utf-8")
        (former / "metrics.jsonl").write_text(records.replace('"kernel_distance"', '"frechet_distance"'), "utf-8")
    outcome = at_home(*command, "former")
    check(outcome, 4, fragment)
    assert f"genmodels {hint}" in outcome.err
    if "init" in hint:
        words = shlex.split(outcome.err.rpartition("genmodels ")[2].strip().removesuffix("."))
        begun = at_home(*words, "--epochs", 1, "--name", "anew", "--json")
        assert json.loads(begun.out)["test"]["kernel_distance"] > 0, begun.err
    else:
        assert at_home("eval-images", "--run", "former", "--epochs", "all", "--images", 20).code == 0


def test_images_held_out_measure_a_gan(at_home) -> None:
    arguments = ("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", 1, "--json")
    outcome = at_home(*arguments, "--val-images", 40, "--name", "held-out-gan")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["validation"]["kernel_distance"] > 0
