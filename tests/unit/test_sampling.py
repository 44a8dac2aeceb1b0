import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import DataError, RunError, UsageError
from genmodels.models.build_text import build_language_model
from genmodels.models.weights import to_arrays
from genmodels.runs.checkpoint import write_checkpoint
from genmodels.sampling.choosing import Chooser, filtered
from genmodels.sampling.steps import Step, step_of
from genmodels.sampling.torch_step import TorchStep
from genmodels.sampling.writing import TextWriter, open_writer
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import TEXT_MODELS, TextSettings

LETTERS = Vocabulary("\n abcdefgh")


def both_steps(name: str, layers: int = 2, hidden: int = 24):
    torch.manual_seed(3)
    how = TextSettings(model=name, layers=layers, hidden_size=hidden, embedding_size=6, context=5)
    model = build_language_model(how, len(LETTERS)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)  # larger weights: a wrong gate order can't hide
        model.readout.norm.bias.uniform_(-1.0, 1.0)
    return step_of(how, to_arrays(model.state_dict()), len(LETTERS)), TorchStep(model)


def writer(name: str = "lstm") -> TextWriter:
    return TextWriter(both_steps(name)[0], LETTERS)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("name", TEXT_MODELS)
def test_the_lean_step_equals_the_network_to_1e_5(name: str, layers: int) -> None:
    lean, network = both_steps(name, layers)
    for i in np.random.default_rng(0).integers(len(LETTERS), size=60).tolist():
        np.testing.assert_allclose(lean.next(i), network.next(i), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_a_batch_goes_on_from_the_state_of_one_text(name: str) -> None:
    lean, network = both_steps(name)
    for i in (1, 5, 2):
        lean.next(i)
        network.next(i)
    lean.repeat(3)
    network.repeat(3)
    for ids in ([1, 2, 3], [4, 4, 0]):
        np.testing.assert_allclose(lean.next(np.array(ids)), network.next(np.array(ids)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_reset_forgets_everything(name: str) -> None:
    lean, _ = both_steps(name)
    first = lean.next(3).copy()
    lean.next(4)
    lean.reset()
    assert np.array_equal(lean.next(3), first)


def test_same_seed_same_text_and_another_seed_another() -> None:
    how = SampleSettings(length=60, seed=5)
    texts = [writer().write("abc", h)[0].text for h in (how, how, SampleSettings(length=60, seed=6))]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 60


def test_streaming_gives_the_text_that_writing_gives() -> None:
    how = SampleSettings(length=80, seed=2, temperature=(1.2,))
    assert b"".join(writer().stream("abc", how)).decode() == writer().write("abc", how)[0].text


def test_a_text_depends_neither_on_the_batch_around_it_nor_on_other_temperatures() -> None:
    alone = writer().write("ab", SampleSettings(length=40, temperature=(0.7,)))
    crowd = writer().write("ab", SampleSettings(length=40, temperature=(0.3, 0.7), count=3))
    assert [s.temperature for s in crowd] == [0.3] * 3 + [0.7] * 3
    assert crowd[3].text == alone[0].text
    assert len({s.text for s in crowd}) > 3


def test_temperature_zero_takes_the_likeliest_and_equals_a_very_small_one() -> None:
    greedy = writer().write("ab", SampleSettings(length=30, temperature=(0.0,), seed=1))[0]
    other = writer().write("ab", SampleSettings(length=30, temperature=(1e-9,), seed=9))[0]
    batch = writer().write("ab", SampleSettings(length=30, temperature=(0.0, 1.0), seed=7))[0]
    assert greedy.text == other.text == batch.text


def test_log_probabilities_are_those_of_the_model_itself() -> None:
    how = SampleSettings(length=25, temperature=(0.4,), top_k=3)
    sample = writer().write("abc", how)[0]
    _, network = both_steps("lstm")
    logits = [network.next(int(i)) for i in LETTERS.encode("abc" + sample.text, "x")][2:-1]
    for character, row, log_p in zip(sample.text, logits, sample.log_probabilities, strict=True):
        expected = torch.log_softmax(torch.from_numpy(row).double(), -1)[LETTERS.characters.index(character)]
        assert math.isclose(log_p, float(expected), abs_tol=1e-4)


def test_drawn_frequencies_follow_the_tempered_distribution() -> None:
    lean, network = both_steps("lstm")
    samples = TextWriter(lean, LETTERS).write("abc", SampleSettings(length=1, count=20_000, temperature=(1.5,)))
    counts = np.array([sum(s.text == c for s in samples) for c in LETTERS.characters]) / 20_000
    for i in LETTERS.encode("abc", "x"):
        logits = network.next(int(i))
    expected = torch.softmax(torch.from_numpy(logits).double() / 1.5, -1).numpy()
    assert np.abs(counts - expected).max() < 0.015


@pytest.mark.parametrize("stop", ["d", "a", "\n", "ab", "gg"])
def test_a_text_ends_before_the_stop_string_streamed_or_not(stop: str) -> None:
    how = SampleSettings(length=400, stop=stop, temperature=(1.0,))
    free = writer().write("abc", SampleSettings(length=400, temperature=(1.0,)))[0].text
    stopped = writer().write("abc", how)[0]
    assert stopped.text == free.partition(stop)[0]
    assert len(stopped.log_probabilities) == len(stopped.text)
    assert b"".join(writer().stream("abc", how)).decode() == stopped.text


def test_an_empty_or_unknown_prompt_is_refused_and_skip_leaves_characters_out() -> None:
    with pytest.raises(DataError, match="prompt is empty"):
        writer().write("", SampleSettings())
    with pytest.raises(DataError, match="'ß' in the prompt is not in the vocabulary"):
        writer().write("aß", SampleSettings())
    how = SampleSettings(length=20)
    assert writer().write("aßb", how, unknown="skip") == writer().write("ab", how)
    with pytest.raises(DataError, match="prompt is empty"):
        writer().write("ß", how, unknown="skip")


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": (-0.1,)},
        {"temperature": (float("nan"),)},
        {"length": 0},
        {"count": 0},
        {"top_k": 0},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"min_p": -1.0},
        {"stop": ""},
    ],
)
def test_impossible_settings_are_refused(values: dict) -> None:
    with pytest.raises(UsageError):
        SampleSettings(**values)


scores = hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(-8, 0)).map(lambda a: a - a.max())


@settings(max_examples=150)
@given(scores=scores, k=st.integers(1, 15), p=st.floats(0.01, 1.0), m=st.floats(0, 1))
def test_filters_equal_their_definitions(scores: np.ndarray, k: int, p: float, m: float) -> None:
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    probabilities = np.exp(scores) / np.exp(scores).sum()
    kept_k = set(order[:k])
    kept_p, total = set(), 0.0
    for i in order:
        if total >= p - 1e-12:
            break
        kept_p.add(i)
        total += probabilities[i]
    kept_m = {i for i in order if np.exp(scores[i]) >= m} | {order[0]}
    assert set(np.flatnonzero(np.isfinite(filtered(scores, k, None, None)))) == kept_k
    by_p = set(np.flatnonzero(np.isfinite(filtered(scores, None, p, None))))
    assert by_p == kept_p or abs(sum(probabilities[i] for i in kept_p & by_p) - p) < 1e-9
    assert set(np.flatnonzero(np.isfinite(filtered(scores, None, None, m)))) == kept_m
    rows = filtered(np.stack([scores, scores]), k, p, m)
    assert np.array_equal(rows[0], filtered(scores, k, p, m))


def test_byte_models_stream_bytes_and_write_text() -> None:
    how = TextSettings(hidden_size=8, embedding_size=4)
    torch.manual_seed(0)
    model = build_language_model(how, 256)
    step = step_of(how, to_arrays(model.state_dict()), 256)
    text_writer = TextWriter(step, Vocabulary.of_bytes())
    settings = SampleSettings(length=50, temperature=(1.0,))
    assert len(b"".join(text_writer.stream("é", settings))) == 50
    assert isinstance(text_writer.write("é", settings)[0].text, str)


def test_a_byte_model_stops_and_counts_in_bytes() -> None:
    class Fixed:
        vocabulary_size = 256

        def __init__(self) -> None:
            self.script = iter(b"\xff\xfeab.more of it")

        def reset(self) -> None:
            pass

        def next(self, ids: int) -> np.ndarray:
            logits = np.full(256, -50.0, np.float32)
            logits[next(self.script, 0)] = 50.0
            return logits

    how = SampleSettings(length=12, stop=".", temperature=(0.0,))
    sample = TextWriter(Fixed(), Vocabulary.of_bytes()).write("x", how)[0]  # type: ignore[arg-type]
    assert (sample.text, len(sample.log_probabilities)) == ("\ufffd\ufffdab", 4)
    how = SampleSettings(length=12, stop="\udcfe", temperature=(0.0,))
    streamed = b"".join(TextWriter(Fixed(), Vocabulary.of_bytes()).stream("x", how))  # type: ignore[arg-type]
    assert streamed == b"\xff"


def test_writing_needs_no_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import sys; import genmodels.sampling.writing; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", TEXT_MODELS)
@pytest.mark.parametrize("change", [{"hidden_size": 12}, {"embedding_size": 7}, {"layers": 1}, {"layers": 3}])
def test_weights_that_do_not_fit_the_settings_are_refused(name: str, change: dict[str, int]) -> None:
    how = TextSettings(model=name, layers=2, hidden_size=10, embedding_size=6, context=5)
    weights = to_arrays(build_language_model(how, len(LETTERS)).state_dict())
    step_of(how, weights, len(LETTERS))
    with pytest.raises(ValueError, match="has shape"):
        step_of(replace(how, **change), weights, len(LETTERS))
    with pytest.raises(ValueError, match="has shape"):
        step_of(how, weights, len(LETTERS) + 1)


class Recital(Step):
    """Expects the characters of one text in turn, whatever it is fed."""

    vocabulary_size = len(LETTERS)

    def __init__(self, text: str) -> None:
        self.ids, self.at = LETTERS.encode(text, "the text").tolist(), 0

    def reset(self) -> None:
        self.at = 0

    def repeat(self, rows: int) -> None:
        raise NotImplementedError

    def next(self, ids: int) -> np.ndarray:
        self.at += 1
        return np.eye(len(LETTERS), dtype=np.float32)[self.ids[(self.at - 1) % len(self.ids)]]


@pytest.mark.parametrize(("text", "stop"), [("ababcab", "abc"), ("aaab", "aab"), ("abcabcd", "abcd"), ("hab", "abc")])
def test_what_may_begin_a_stop_string_is_held_back_until_it_is_known(text: str, stop: str) -> None:
    how = SampleSettings(length=len(text), stop=stop, temperature=(0.0,))
    recital = TextWriter(Recital(text), LETTERS)
    assert b"".join(recital.stream("a", how)).decode() == text.partition(stop)[0]
    assert recital.write("a", how)[0].text == text.partition(stop)[0]


def test_a_batch_is_written_until_its_last_text_has_stopped_and_tells_each_character() -> None:
    told: list[int] = []
    texts = writer().write("abc", SampleSettings(length=400, stop="d", count=3), advance=told.append)
    lengths = [len(text.text) for text in texts]
    assert min(lengths) < max(lengths) < 400
    assert told == [1] * (max(lengths) + 1)


def test_the_last_of_the_characters_can_be_drawn_alone_and_in_a_batch() -> None:
    even, how = np.zeros((2, 4), np.float32), SampleSettings()
    assert Chooser(how, np.array([1.0, 1.0]))(even, np.array([0.99, 0.3])).tolist() == [3, 1]
    assert Chooser(how, np.array([1.0]))(even[0], 0.99) == 3


def test_filters_are_applied_to_single_texts_and_to_batches() -> None:
    scores, how = np.array([[0.0, 1.0, 0.5], [2.0, 1.0, 0.5]], np.float32), SampleSettings(top_k=1)
    assert Chooser(how, np.array([1.0, 1.0]))(scores, np.array([0.99, 0.99])).tolist() == [1, 0]
    assert Chooser(how, np.array([1.0]))(scores[0], 0.99) == 1


@pytest.mark.parametrize("name", ["lstm", "feedforward"])
def test_a_text_that_exists_is_scored_as_the_network_reads_it_behind_its_lead_in(name: str) -> None:
    lean, network = both_steps(name)
    found = TextWriter(lean, LETTERS).score("ab", "hab\ncd", "the text")
    logits = [network.next(int(i)) for i in LETTERS.encode("abhab\ncd", "x")][1:-1]
    wanted = [
        float(torch.log_softmax(torch.from_numpy(row.copy()).double(), -1)[LETTERS.characters.index(character)])
        for character, row in zip("hab\ncd", logits, strict=True)
    ]
    assert found == pytest.approx(wanted, abs=1e-4)


def test_what_is_scored_may_leave_unknown_characters_out_and_its_lead_in_always_does() -> None:
    scored = writer().score("ab", "hab", "the text")
    assert writer().score("aßb", "hab", "the text") == scored
    assert writer().score("ab", "hßab", "the text", unknown="skip") == scored
    with pytest.raises(DataError, match="'ß' in the text is not in the vocabulary"):
        writer().score("ab", "hßab", "the text")


def test_a_writer_is_opened_from_an_epoch_and_weights_that_do_not_fit_are_a_damaged_run(tmp_path: Path) -> None:
    settings = TextSettings(hidden_size=6, embedding_size=4)
    model = build_language_model(settings, len(LETTERS)).eval()
    weights, state = to_arrays(model.state_dict()), {"settings": settings.to_mapping(), "vocabulary": LETTERS.to_json()}
    write_checkpoint(tmp_path / "whole", {"model": weights}, state)
    opened, about = open_writer(tmp_path / "whole")
    how = SampleSettings(length=20)
    wanted = TextWriter(step_of(settings, weights, len(LETTERS)), LETTERS).write("ab", how)
    assert opened.write("ab", how) == wanted
    assert about["settings"] == state["settings"]
    del weights["readout.linear.weight"]
    write_checkpoint(tmp_path / "less", {"model": weights}, state)
    with pytest.raises(RunError, match="less does not fit its settings") as caught:
        open_writer(tmp_path / "less")
    assert caught.value.hint == "restore it from a copy."
