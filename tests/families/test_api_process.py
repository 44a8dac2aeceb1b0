"""What a Python program keeps to itself: threads, generators, its arguments; and texts that only it has."""

import io
import random
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels
from genmodels.cli.console import note
from genmodels.data.cache import cache_folder
from genmodels.errors import DataError, RunError, UsageError
from genmodels.training.reporting import QuietReporter
from homes import CORPUS, TINY_RUN, shapes, write_set


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Watching(QuietReporter):
    """Notes how many threads there are at each step, and may fail at one."""

    def __init__(self, fails_at: int = -1) -> None:
        super().__init__()
        self.fails_at, self.threads = fails_at, set()

    def advanced(self, step: int) -> None:
        self.threads.add(torch.get_num_threads())
        if step == self.fails_at:
            raise ZeroDivisionError


def test_threads_are_those_asked_for_while_it_trains_and_the_callers_afterwards() -> None:
    before = torch.get_num_threads()
    reporter = Watching()
    genmodels.train_text("corpus.txt", threads=before + 1, reporter=reporter, name="more", **TINY_RUN)
    assert reporter.threads == {before + 1}
    assert torch.get_num_threads() == before
    failing = Watching(fails_at=3)
    with pytest.raises(ZeroDivisionError):
        genmodels.train_text("corpus.txt", threads=before + 1, reporter=failing, name="failed", **TINY_RUN)
    assert torch.get_num_threads() == before
    with pytest.raises(DataError):
        genmodels.train_text(text="short", threads=before + 1, name="short", **TINY_RUN)
    assert torch.get_num_threads() == before
    genmodels.open_run("more").restore(note)
    assert torch.get_num_threads() == before


def test_no_device_of_the_callers_is_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seed: int) -> None:
        raise AssertionError(f"seeded with {seed}")

    for module in (torch, torch.cuda, torch.mps):
        monkeypatch.setattr(module, "manual_seed", refuse)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", refuse)
    genmodels.train_text("corpus.txt", **TINY_RUN)


def test_run_json_holds_no_arguments_of_the_program(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["server.py", "--password", "swordfish"])
    run = genmodels.train_text("corpus.txt", **TINY_RUN)
    assert run.document()["argv"] == []
    assert "swordfish" not in (run.path / "run.json").read_text()


def test_none_is_a_value_where_a_setting_can_be_none() -> None:
    run = genmodels.train_text("corpus.txt", gradient_clip=None, **TINY_RUN)
    assert run.document()["settings"]["gradient_clip"] == {"value": None, "from": "flag"}
    with pytest.raises(UsageError, match="contradict"):
        genmodels.train_text("corpus.txt", minutes=1, **TINY_RUN)
    genmodels.train_text("corpus.txt", minutes=None, **TINY_RUN)


def test_a_text_of_the_programs_goes_on_after_the_cache_is_gone() -> None:
    run = genmodels.train_text(text=CORPUS, name="poem", **TINY_RUN)
    shutil.rmtree(cache_folder())
    with pytest.raises(DataError):
        genmodels.resume(run)
    with pytest.raises(DataError, match="changed"):
        genmodels.resume(run, text=CORPUS + "!")
    assert genmodels.resume(run, text=CORPUS).facts["state"] == "finished"


def test_images_go_on_with_no_text(desk: Path) -> None:
    write_set(desk / "shapes.npz", *shapes(8, 6, 60), trained_on=40)
    run = genmodels.train("vae", "shapes.npz", model="mlp", hidden_size=16, latent_size=2, epochs=1)
    assert type(run) is genmodels.VaeRun
    for wrong in ({"corpus": "corpus.txt"}, {"text": "a"}):
        with pytest.raises(UsageError):
            genmodels.resume(run, **wrong)


def test_a_family_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(genmodels.GenmodelsError) as caught:
        genmodels.train("vea", "digits")
    assert "vea" in caught.value.what


@pytest.mark.sweep
def test_comparing_tells_where_one_wants_to_be_told(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    table = genmodels.compare_text(["rnn", "gru"], "corpus.txt", name="two", notice=told.append, **TINY_RUN).tables[0]
    assert {"rnn", "gru"} <= {row["model"] for row in table.rows}
    assert told
    runs = [genmodels.open_run(name) for name in ("two/rnn", "two/gru")]
    faded = genmodels.compare_gradients(runs, windows=64, window=12, notice=told.append)
    assert [one["run"] for one in faded.facts["results"]] == ["two/rnn", "two/gru"]
    assert "note:" not in capfd.readouterr().err


def test_whatever_is_asked_of_a_damaged_run_is_the_error_that_says_so(desk: Path) -> None:
    run = genmodels.train_text("corpus.txt", name="hurt", **TINY_RUN)
    assert run.problems() == {}
    weights = next(run.epoch_checkpoint(2).glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    assert run.problems()
    (run.path / "run.json").write_text("{")
    (hurt,) = genmodels.list_runs()
    for question in (hurt.course, hurt.figure, hurt.draw, lambda: hurt.save("a.png"), lambda: hurt.restore(note)):
        with pytest.raises(RunError, match=r"run\.json"):
            question()
    assert "damaged" in hurt._repr_html_()


TEXT_QUESTIONS = {
    "sample": lambda run: run.sample(length=10),
    "score": lambda run: run.score(baselines=True),
    "learning": lambda run: run.score(protocol="dynamic", mix=True),
    "judge": lambda run: run.judge(length=100),
    "gates": lambda run: run.gates(units=[0], length=10),
    "gradients": lambda run: run.gradients(windows=64, window=10),
    "untrained": lambda run: run.gradients(init=True, windows=64, window=10),
    "shown": lambda run: run._repr_html_(),
}
IMAGE_QUESTIONS = {
    "draw": lambda runs: [runs(name).draw(4) for name in ("plain", "pixels", "game")],
    "samples": lambda runs: runs("plain").samples(count=4).figure(),
    "evaluate": lambda runs: [runs(name).evaluate(importance_samples=2) for name in ("plain", "pixels", "game")],
    "reconstruct": lambda runs: runs("plain").reconstruct().figure(),
    "latent": lambda runs: [runs("plain").latent("scatter").figure(), runs("game").latent().figure()],
    "complete": lambda runs: runs("pixels").complete(count=2).figure(),
    "compare": lambda runs: genmodels.compare_images([runs("plain"), runs("game")], count=100),
}


def states() -> list[bytes]:
    ours, numpys = torch.get_rng_state().numpy(), np.random.get_state()[1]
    return [ours.tobytes(), numpys.tobytes(), repr(random.getstate()).encode()]


@pytest.mark.parametrize("question", TEXT_QUESTIONS)
def test_what_is_asked_of_a_text_run_draws_nothing_from_the_callers_generators(run, question: str) -> None:
    before = states()
    TEXT_QUESTIONS[question](run)
    assert states() == before


@pytest.mark.parametrize("question", IMAGE_QUESTIONS)
def test_what_is_asked_of_image_runs_draws_nothing_from_the_callers_generators(opened, question: str) -> None:
    before = states()
    IMAGE_QUESTIONS[question](opened)
    assert states() == before


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda run: run.score(""), "a path is empty"),
        (lambda _: genmodels.train_text(""), "a path is empty"),
        (lambda _: genmodels.train_text(None), "None is no path"),
        (lambda _: genmodels.train_text(b"corpus.txt"), "is no path"),
        (lambda _: genmodels.train_text(text=b"the cat"), "text is of the type bytes, but it must be a text"),
        (lambda _: genmodels.train_text("corpus.txt", progress="no"), "progress is 'no'"),
        (lambda _: genmodels.train_text("corpus.txt", notice=5), "notice is 5, but it must be a function"),
        (lambda _: genmodels.train_text("corpus.txt", reporter=QuietReporter), "must have the methods of a Reporter"),
        (lambda _: genmodels.train_text("corpus.txt", name=5), "name is 5, but it must be a text"),
        (lambda _: genmodels.train_text("corpus.txt", name="x" * 400), "is longer than 200 bytes"),
        (lambda _: genmodels.train_vae("digits", preset=5), "preset is 5, but it must be a text"),
        (lambda run: run.sample(5), "the prompt is of the type int"),
        (lambda run: run.sample("\ud800"), "the prompt has half a character at 0"),
        (lambda run: run.sample(device=0), "device=0 is not a device"),
        (lambda run: run.gradients(init="no"), "init is 'no', but it must be True or False"),
        (lambda run: genmodels.open_run(run.path, "vae"), "kind is 'vae', but it must be a class of runs"),
        (lambda _: genmodels.compare_gradients([]), "no run is named"),
        (lambda _: genmodels.compare_curves(None), "None names no run"),
        (lambda _: genmodels.compare_text(None, "corpus.txt"), "models is None, but it must be a text, or a list"),
        (lambda _: genmodels.compare_text("rnn", "corpus.txt"), "does not name two or more"),
    ],
)
def test_what_is_of_the_wrong_kind_is_a_sentence_and_leaves_nothing(run, desk: Path, ask, told: str) -> None:
    with pytest.raises(genmodels.GenmodelsError) as caught:
        ask(run)
    assert told in caught.value.what
    assert not (desk / "runs").exists()


def test_a_run_that_is_gone_says_so(run, desk: Path) -> None:
    gone = genmodels.TextRun(shutil.copytree(run.path, desk / "gone"))
    assert gone.problems() == {}
    shutil.rmtree(gone.path)
    for question in (gone.problems, gone.score, gone.sample):
        with pytest.raises(RunError, match="is not a run directory"):
            question()


@pytest.mark.sweep  # test_comparisons tries it on the command line
def test_a_comparison_that_is_stopped_goes_on_by_the_same_call(desk: Path) -> None:
    class Stopping(QuietReporter):
        def advanced(self, step: int) -> None:
            if step == 3:
                signal.raise_signal(signal.SIGINT)

    asked = {"models": ["rnn", "gru"], "corpus": "corpus.txt", **TINY_RUN}
    with pytest.raises(genmodels.Stopped) as caught:
        genmodels.compare_text(name="two", reporter=Stopping(), **asked)
    assert caught.value.hint == "the same call with resume='two' in place of a name goes on."
    table = genmodels.compare_text(resume="two", **asked).tables[0]
    assert {"rnn", "gru"} <= {row["model"] for row in table.rows}


def test_an_open_text_file_is_a_prompt(run) -> None:
    assert run.sample(io.StringIO("the "), length=9)[0].text == run.sample("the ", length=9)[0].text
