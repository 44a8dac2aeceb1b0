"""A network that listens in training: the voices that are added, what it is told, what a run keeps of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genmodels.data.sound.clips import WORDS, WordSet
from genmodels.errors import RunError, UsageError
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import UNTOLD
from genmodels.training import speech
from genmodels.training.speech import SpeechTask, prepare, synthesised
from genmodels.training.task import SYMBOLS
from homes import whistled

SETTINGS = SpeechSettings(
    model="window", parameters=2000, window=3, longest=2, utterances=20, batch_size=2, tested_utterances=4,
    device="cpu",
)  # fmt: skip


def voices(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> WordSet:
    """Whistled words in the place of the built-in voices, under other names."""
    made = replace(whistled(takes=4), words=names, fingerprint="the recipe")
    monkeypatch.setattr(speech, "built_in_voices", lambda *_: made)
    return made


def named(*names: str) -> WordSet:
    return replace(whistled(takes=4), words=names)


def test_without_voices_there_are_none() -> None:
    assert synthesised(SETTINGS, named("one", "two", "three"), UNTOLD) is None


def test_synthesised_voices_say_the_words_of_the_set_by_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    built_in = voices(("one", "two", "three"), monkeypatch)
    made = synthesised(replace(SETTINGS, voices=0.5), named("three", "high", "one"), UNTOLD)
    assert made is not None
    ours, theirs = built_in.train.words, made.train.words
    assert len(theirs) == (ours != 1).sum(), "nobody asked for two"
    assert np.array_equal(theirs, np.where(ours[ours != 1] == 0, 2, 0))


@pytest.mark.parametrize(
    ("words", "told", "hint"),
    [(("high", "low", "rising"), f"--voices 0.5: the synthesised voices say {', '.join(WORDS)}, none of your words",
      "leave --voices out."),
     (("one", "two", "three"), "--voices 0.5 adds the synthesised voices to others, and the set is these voices itself",
      "leave --voices out, or give --dataset recordings of other voices.")],
    ids=["other words", "the voices themselves"],
)  # fmt: skip
def test_voices_that_add_nothing_are_refused(
    words: tuple[str, ...], told: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built_in = voices(("one", "two", "three"), monkeypatch)
    with pytest.raises(UsageError) as caught:
        synthesised(replace(SETTINGS, voices=0.5), replace(built_in, words=words), UNTOLD)
    assert (str(caught.value), caught.value.hint) == (told, hint)


def task(words: WordSet | None = None, **settings: Any) -> SpeechTask:
    return prepare(replace(SETTINGS, **settings), words or named("one", "two", "three"), UNTOLD)


def test_a_network_that_hears_nothing_is_a_sign_and_may_have_learned_too_fast() -> None:
    record = {"word_error_rate": 1.0, "sequence_accuracy": 0.0}
    (sign,) = task(learning_rate=1.0).signs({"validation": record, "train": {}})
    assert sign.present
    assert "errors for all words" in sign.told
    assert [one.given for one in sign.unusual] == ["--learning-rate 1"]
    for rate, right, present in ((0.3, 0.5, False), (0.88, 0.0, True), (0.88, 0.01, False)):
        record = {"word_error_rate": rate, "sequence_accuracy": right}
        assert task().signs({"validation": record})[0].present == present


def test_a_result_says_of_which_words_it_is_and_who_was_left_out() -> None:
    assert task().facts() == {"data": "whistled"}
    assert task(leave_out="bob").facts() == {"data": "whistled", "without": "bob"}
    described = task().description()
    assert (described["data"], described["words"]) == ("whistled", ["one", "two", "three"])


def test_a_run_goes_on_with_the_voices_that_it_began_with_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    voices(("one", "two", "three"), monkeypatch)
    plain, added = task(), task(voices=0.5)
    assert "voices" not in plain.extra_counters()
    assert added.extra_counters()["voices"] == "the recipe"
    added.load_state(added.state())
    for ours, theirs in ((plain, added), (added, plain)):
        with pytest.raises(RunError, match="the synthesised voices are made otherwise now"):
            ours.load_state(theirs.state())


@pytest.mark.parametrize("voices_share", [0.0, 1.0])
def test_a_share_of_the_utterances_is_synthesised(voices_share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    voices(("one", "two", "three"), monkeypatch)
    made, asked = task(voices=0.5), []
    made.settings = replace(made.settings, voices=voices_share)
    for name in ("train", "synthesised"):
        maker = getattr(made, name)
        make = maker.make
        monkeypatch.setattr(maker, "make", lambda *given, of=make, who=name: asked.append((who, given)) or of(*given))
    for step in range(4):
        made.train_step(step, 1.0)
    assert {who for who, _ in asked} == {"synthesised" if voices_share else "train"}
    assert {given[0] for _, given in asked} == {2}
    assert [given[2] for _, given in asked] == [0, 1, 2, 3]


def test_an_epoch_has_as_many_steps_as_batches_the_last_one_counted() -> None:
    assert task(utterances=20, batch_size=2).steps_per_epoch == 10
    assert task(utterances=21, batch_size=2).steps_per_epoch == 11


def test_each_part_is_drawn_by_the_run_s_seed_from_a_stream_of_its_own_and_measured_as_it_was_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voices(("one", "two", "three"), monkeypatch)
    made = task(voices=0.5, seed=7, speed=1.25)
    makers = [made.train, made.synthesised, made.seen, made.measured]
    assert [maker.seed for maker in makers] == [7] * 4
    assert len({maker.stream for maker in makers}) == 4
    assert [maker.speed for maker in makers] == [1.25, 1.25, 1.0, 1.0]


@pytest.mark.parametrize(("validation", "part"), [(0.25, "validation"), (0.0, "test")])
def test_the_part_that_chooses_has_the_name_of_what_it_is(validation: float, part: str) -> None:
    made = task(validation=validation)
    assert (made.held_out, made.measured.stream) == (part, f"{part} utterances")


def test_an_evaluation_reads_both_parts_and_longer_utterances_length_by_length() -> None:
    made, checks = task(), []
    found = made.evaluate(lambda: checks.append(1))
    assert found.keys() == {"train", "validation", "longer"}
    for part, lengths in (("train", (1, 2)), ("validation", (1, 2)), ("longer", (3, 4))):
        rates = [found[part][f"word_error_rate/{n}"] for n in lengths]
        assert min(rates) <= found[part]["word_error_rate"] <= max(rates)
        assert not [name for name in found[part] if "/" in name and int(name.partition("/")[2]) not in lengths]
    assert len(checks) == made.checks


def test_what_is_lowered_is_the_loss_of_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that long utterances do not outweigh short ones; with no word in it, of the utterance."""
    made, lowered, seen = task(), [], set()
    update = made.updater.update
    monkeypatch.setattr(made.updater, "update", lambda loss: lowered.append(float(loss.detach())) or update(loss))
    for step in range(12):
        result = made.train_step(step, 0.0)
        words = int(result[SYMBOLS])
        seen.add(words)
        assert lowered[-1] == pytest.approx(float(result["nats"]) / (words or 1), rel=1e-5)
    assert seen == {0, 1, 2}
