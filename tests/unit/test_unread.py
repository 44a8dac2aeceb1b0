"""Networks that read next to nothing are told by what is measured now, else by what was recorded."""

from pathlib import Path

import pytest

from genmodels.families.unread import Missed, unread_told
from made_runs import made_run

MEASURE = "character_error_rate"


@pytest.mark.parametrize(
    ("recorded", "here", "told"),
    [
        ((0.95, 0.1), None, "95.0%"),
        ((0.88, 0.0), None, "88.0%"),
        ((0.88, 0.01), None, None),
        ((0.6, 0.0), None, None),
        ((0.5, 0.2), Missed(0.82, 0.0, 30), "82.0%"),
        ((0.95, 0.0), Missed(0.5, 0.2, 30), None),
        ((0.5, 0.2), Missed(1.0, 0.0, 1), None),
    ],
)
def test_what_counts_is_what_was_read_here_where_that_is_enough(
    tmp_path: Path, recorded: tuple[float, float], here: Missed | None, told: str | None
) -> None:
    record = {"epoch": 1, "step": 9, "split": "test", MEASURE: recorded[0], "sequence_accuracy": recorded[1]}
    run = made_run(tmp_path, "poor", scores=())
    run.append_metrics(record)
    known = {} if here is None else {"poor": here}
    sentences = unread_told([("poor", run.path, 1)], MEASURE, "digits", known)
    assert [told in sentence for sentence in sentences] == ([] if told is None else [True])


def test_networks_that_say_nothing_are_told_from_those_that_confuse_words(tmp_path: Path) -> None:
    names = {
        "mute": Missed(0.9996, 0.0, 30, 0.02),
        "wild": Missed(1.2, 0.0, 30, 1.1),
        "good": Missed(0.2, 0.6, 30, 1.0),
    }
    read = [(name, made_run(tmp_path, name, scores=()).path, 1.0) for name in names]
    assert unread_told(read, MEASURE, "words", names) == [
        "next to no word is said by mute (> 99.9% errors for all held-out words): more training is needed",
        "next to nothing is read by wild (120.0% errors for all held-out words): more training is needed",
    ]
