"""What speech runs are called and which of them are one: groups of seeds, speakers, sounds held."""

import math
from dataclasses import replace

import numpy as np
import pytest

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.pieces import pieces_of
from genmodels.errors import UsageError
from genmodels.families.speech import hearing
from genmodels.families.speech.comparing import _plain_names
from genmodels.families.speech.context import label_of
from genmodels.families.speech.ears import Ears
from genmodels.families.speech.grouping import Member, grouped
from genmodels.families.speech.hearing import MOST_DRAWN, Source, listen_to_all, readings_of
from genmodels.figures import widths
from genmodels.figures.spikes import spikes_figure
from genmodels.models.described_listener import ListenerDescription
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import UNTOLD
from genmodels.training.speech import synthesised
from homes import spoken, whistled
from unit.figure_texts import said as said_in


def member(name: str, learned: str = "one set", **settings: object) -> Member[str]:
    return Member(name, SpeechSettings(**{"model": "lstm", **settings}), learned, name)


def names_by_label(*members: Member[str]) -> dict[str, list[str]]:
    return {label: [one.found for one in group] for label, group in grouped(members, label_of).items()}


def test_runs_that_differ_by_their_seed_alone_are_one_group() -> None:
    assert names_by_label(member("a", seed=1), member("b", seed=2), member("c", model="gru")) == {
        "lstm": ["a", "b"],
        "gru": ["c"],
    }


def test_runs_without_different_speakers_are_no_group() -> None:
    assert names_by_label(member("a", leave_out="ann"), member("b", leave_out="bob"), member("c")) == {
        "lstm, without ann": ["a"],
        "lstm, without bob": ["b"],
        "lstm": ["c"],
    }


def test_a_word_that_is_said_behind_the_end_of_a_recording_is_drawn_where_it_is_said() -> None:
    (piece,) = pieces_of([np.full(RATE // 5, 1000, np.int16) * np.tile([1, -1], RATE // 10).astype(np.int16)])
    steps = [step for step in range(40) if piece.start + hearing.step_seconds(step) < 0.5]
    late = next(step for step in steps if piece.start + hearing.step_seconds(step) > 0.21)
    log_p = np.log(np.tile([0.98, 0.01, 0.01], (len(steps), 1)))
    log_p[late] = np.log([0.3, 0.6, 0.1])
    said = piece.start + hearing.step_seconds(late)
    word = hearing.HeardWord("eight", (0.2, 0.2), 0.6, (said, said))
    source = Source("a.wav", lambda: iter(()))
    sound = hearing.drawn(hearing.Heard(source, [word], 0.0, 0.2, [(piece, log_p)], silent=False))
    assert sound.probabilities[:, 1].max() == pytest.approx(0.6)
    assert (sound.ends, sound.heard_behind) == (0.2, True)
    assert said < sound.seconds < said + 0.1
    figure = spikes_figure([sound], ("eight", "six"), "t")
    curve = next(line for line in figure.axes[3].get_lines() if line.get_linewidth() == widths.LINE)
    assert max(curve.get_ydata()) == pytest.approx(0.6)
    assert "Right of the dotted line a sound is over" in said_in(figure)
    early = hearing.drawn(hearing.Heard(source, [], 0.0, 0.2, [(piece, log_p)], silent=False))
    assert (early.seconds, early.heard_behind) == (0.2, False)


@pytest.mark.parametrize(
    ("confidence", "number", "told"),
    [
        (0.9, "0.900", "90.0%"),
        (0.12, "0.120", "12.0%, doubtful"),
        (1e-22, "1e-22", "< 0.1%, next to nothing"),
        (None, "-", "-"),
    ],
)
def test_a_low_confidence_has_a_word_for_people_and_is_a_number_for_programs(
    confidence: float | None, number: str, told: str
) -> None:
    sure = {} if confidence is None else {"log_confidence": math.log(confidence), "silent": False}
    found = hearing.Heard(Source("a.wav", lambda: iter(())), **sure)
    (table,) = readings_of([found], None, "t", {}, print).tables
    assert (table.cells()[0][2], table.spoken_cells()[0][2]) == (number, told)


@pytest.mark.parametrize("other", [{"learned": "the same name, other recordings"}, {"features": "mfcc"}])
def test_runs_that_are_called_alike_and_differ_otherwise_are_told_apart_by_their_names(other: dict) -> None:
    assert names_by_label(member("a"), member("b", **other)) == {"lstm, a": ["a"], "lstm, b": ["b"]}


def test_every_speaker_has_a_run_of_its_own_also_where_names_differ_in_signs_or_capitals_alone() -> None:
    names = _plain_names(["a b", "a_b", "A_B", "a_b-2", "/", "ünal"])
    assert names == ["a_b", "a_b-2", "A_B-3", "a_b-2-2", "_", "ünal"]
    assert len({name.casefold() for name in names}) == len(names)


def test_the_synthesised_voices_cannot_be_added_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    own, others = (replace(whistled(takes=takes), words=("one", "two", "three")) for takes in (8, 4))
    monkeypatch.setattr("genmodels.training.speech.built_in_voices", lambda *_: own)
    with pytest.raises(UsageError, match="the set is these voices itself"):
        synthesised(SpeechSettings(voices=0.5, leave_out="ann"), own, UNTOLD)
    assert synthesised(SpeechSettings(voices=0.5), others, UNTOLD) is not None


def deaf() -> Ears:
    """Hears nothing in anything."""
    about = ListenerDescription(SpeechSettings(), ("high", "low", "rising"), 1, "whistled")
    return Ears(about, lambda rows: np.tile(np.log([0.97, 0.01, 0.01, 0.01]), (-(-len(rows) // 2), 1)))


def test_sound_is_held_only_of_recordings_that_are_drawn() -> None:
    quiet = Source("quiet", lambda: iter([np.zeros(RATE, np.int16)]))
    loud = Source("loud", lambda: iter([spoken("low", 0, 0)]))
    told: list[str] = []
    found = listen_to_all(deaf(), [quiet, *[loud] * (MOST_DRAWN + 2)], 1, told.append)
    assert [len(one.pieces) for one in found] == [0, *[1] * MOST_DRAWN, 0, 0]
    exhibit = hearing.readings_of(found, deaf(), "title", {}, told.append)
    assert told[-1] == f"the figure shows the first {MOST_DRAWN} of {MOST_DRAWN + 2}"
    assert len(exhibit.facts["readings"]) == MOST_DRAWN + 3


def test_utterances_are_the_same_each_time_they_are_listened_to() -> None:
    sources = hearing.utterances_of(whistled(), 2, [2], 1)
    first, again = (np.concatenate(list(sources[1].blocks())) for _ in range(2))
    assert (first == again).all()
    assert not np.array_equal(first, np.concatenate(list(sources[0].blocks())))
