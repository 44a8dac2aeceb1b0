"""Values that runs of image models refuse, in the commands' own sentences; NumPy's numbers they take."""

import json
from pathlib import Path

import numpy as np
import pytest

from families.refusals import refused
from genmodels.errors import GenmodelsError, UsageError
from genmodels.families.comparison import compare
from genmodels.families.vae import courses

A_SEED = "seed is -1, but it must be 0 or more"


@pytest.mark.parametrize(
    ("name", "ask", "fragment"),
    [
        ("plain", lambda run: run.draw(0), "count is 0, but it must be from 1 to 10,000"),
        ("game", lambda run: run.draw(0), "count is 0, but it must be from 1 to 10,000"),
        ("pixels", lambda run: run.draw(-1), "count is -1, but it must be from 1 to 10,000"),
        ("pixels", lambda run: run.draw(10_001), "count is 10001, but it must be from 1 to 10,000"),
        ("plain", lambda run: run.draw(True), "count is True, but it must be a whole number"),
        ("plain", lambda run: run.draw(2.5), "count is 2.5, but it must be a whole number"),
        ("plain", lambda run: run.draw("5"), "count is '5', but it must be a whole number"),
        ("plain", lambda run: run.draw(None), "count is None, but it must be a whole number"),
        ("plain", lambda run: run.draw(2, seed=-1), A_SEED),
        ("game", lambda run: run.samples(count=0), "count is 0"),
        ("plain", lambda run: run.samples([]), "epochs names none"),
        ("classes", lambda run: run.draw(2, classes=[]), "classes names none"),
        ("classes", lambda run: run.draw(2, classes=[2.5]), "classes is 2.5, but it must be a text or a"),
        ("classes", lambda run: run.draw(2, classes=2.5), "classes is 2.5, but it must be a text or a"),
        ("plain", lambda run: run.evaluate(importance_samples=-1), "importance_samples is -1, but it must be 0 "),
        ("plain", lambda run: run.evaluate(images=-1), "images is -1, but it must be 2 or more"),
        ("plain", lambda run: run.evaluate(images=0), "images is 0, but it must be 2 or more"),
        ("pixels", lambda run: run.evaluate(images=1), "images is 1, but it must be 2 or more"),
        ("plain", lambda run: run.evaluate(seed=-1), A_SEED),
        ("plain", lambda run: run.evaluate(binarize=""), "binarize='' is unknown"),
        ("plain", lambda run: run.reconstruct(images=[-1]), "images=-1: there are 110 test images"),
        ("plain", lambda run: run.reconstruct(images=[]), "images names none"),
        ("plain", lambda run: run.reconstruct(images="3"), "images is '3', but it must be a whole number, or a"),
        ("plain", lambda run: run.reconstruct(images=["3"]), "images is '3', but it must be a whole number"),
        ("plain", lambda run: run.reconstruct(seed=-1), A_SEED),
        ("plain", lambda run: run.latent("interpolate", steps=1), "steps is 1, but it must be from 2 to 100"),
        ("game", lambda run: run.latent(steps=0), "steps is 0, but it must be from 2 to 100"),
        ("plain", lambda run: run.latent(steps=101), "steps is 101, but it must be from 2 to 100"),
        ("plain", lambda run: run.latent("interpolate", images=[-1, -2]), "images=-1: there are 110"),
        ("plain", lambda run: run.latent("traverse", images=[]), "images names none"),
        ("plain", lambda run: run.latent(dimensions=[-1]), "dimensions=-1: there are 3"),
        ("plain", lambda run: run.latent(dimensions=[]), "dimensions names none"),
        ("plain", lambda run: run.latent(""), "kind='' is unknown"),
        ("game", lambda run: run.latent(seed=-1), A_SEED),
        ("pixels", lambda run: run.complete(count=-1), "count is -1, but it must be from 1 to 100"),
        ("pixels", lambda run: run.complete(count=0), "count is 0, but it must be from 1 to 100"),
        ("pixels", lambda run: run.complete(images=[]), "images names none"),
        ("pixels", lambda run: run.complete(images=[-1]), "images=-1: there are 110 test images"),
        ("pixels", lambda run: run.complete(keep_rows=2.5), "keep_rows is 2.5, but it must be a whole number"),
        ("pixels", lambda run: run.complete(keep_rows=-1), "keep_rows=-1 hides everything of 8 rows"),
        ("pixels", lambda run: run.complete(seed=-1), A_SEED),
        ("plain", lambda run: compare([run, run], 1), "count is 1, but it must be from 100 to 100,000"),
        ("plain", lambda run: compare([run, run], 5), "count is 5, but it must be from 100 to 100,000"),
        ("plain", lambda run: compare([run, run], seed=-1), A_SEED),
        ("plain", lambda _: compare([]), "one run has nothing to be compared with"),
        ("plain", lambda _: courses([]), "no run was named"),
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_with_the_option_s_name(opened, name: str, ask, fragment: str) -> None:
    with refused(UsageError, fragment):
        ask(opened(name))


def test_numbers_may_be_numpy_s_and_results_are_json_all_the_same(opened) -> None:
    five, one = np.int64(5), np.arange(1, 2)
    assert (opened("classes").draw(five, seed=np.uint8(3)) == opened("classes").draw(5, seed=3)).all()
    for exhibit in (
        opened("plain").reconstruct(images=one), opened("plain").latent("traverse", images=one, dimensions=one),
        opened("game").latent(steps=five, seed=five), opened("pixels").complete(images=one, count=np.int32(1)),
        opened("plain").evaluate(images=np.int64(9), importance_samples=np.int64(2)),
    ):  # fmt: skip
        assert json.dumps(exhibit.facts)


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        (["reconstruct", "--run", "plain", "--images", 999], lambda run: run("plain").reconstruct(images=[999])),
        (["complete", "--run", "pixels", "--images", 999], lambda run: run("pixels").complete(images=[999])),
        (["complete", "--run", "pixels", "--keep-rows", 0], lambda run: run("pixels").complete(keep_rows=0)),
        (["complete", "--run", "pixels", "--hide", "botom"], lambda run: run("pixels").complete("botom")),
        (["plot-latent", "--run", "plain", "--dimensions", 3], lambda run: run("plain").latent(dimensions=[3])),
        (["plot-latent", "--run", "plain", "--kind", "plan"], lambda run: run("plain").latent("plan")),
        (["eval-images", "--run", "plain", "--split", "tset"], lambda run: run("plain").evaluate(split="tset")),
        (["sample-images", "--run", "classes", "--classes", ""], lambda run: run("classes").draw(classes=[""])),
        (["compare-images", "plain"], lambda run: compare([run("plain")])),
    ],
    ids=lambda words: " ".join(map(str, words)) if isinstance(words, list) else "",
)
def test_the_library_s_sentence_is_the_command_s_but_for_the_name_of_the_argument(
    opened, cli, home: Path, words, ask
) -> None:
    with pytest.raises(GenmodelsError) as caught:
        ask(opened)
    answered = cli(*words, "--runs", home / "runs").err
    assert answered == "error: {}\nhint: {}\n".format(*caught.value.typed)
