"""One speaker left out: a set to train on the others and to test on that one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from genmodels.data.sound.clips import Clips, WordSet, clips_of
from genmodels.errors import UsageError, did_you_mean, listed
from genmodels.printable import one_line

SHOWN = 12  # speakers that a hint names


def without_speaker(words: WordSet, name: str) -> WordSet:
    """A set to train on all recordings of the other speakers, of both parts, and to test on all of this one.

    What this speaker alone says is no test: nothing teaches it. Words, speakers and the fingerprint stay those of the
    whole set, which it is known by.

    Args:
        words: the set.
        name: of the speaker.

    Raises:
        UsageError: nobody knows who speaks, there is no such speaker, no other one, or none who says the same words.
    """
    if words.speakers is None:
        what = f"no speaker of {words.name} can be left out: who speaks its recordings is not known"
        raise UsageError(what, "name recordings LABEL_SPEAKER_INDEX.wav, or give a CSV with a column speaker.")
    if name not in words.speakers:
        known = f"its speakers: {listed(words.speakers, SHOWN)}."
        raise UsageError(f"{words.name} has no speaker {one_line(name)}", did_you_mean(name, words.speakers) or known)
    if len(words.speakers) == 1:
        what = f"{name} can't be left out: {words.name} has no other speaker"
        raise UsageError(what, "give recordings of several speakers.")
    left_out = words.speakers.index(name)
    both = _joined([words.train, words.test])
    assert both.speakers is not None
    tested = both.speakers == left_out
    train, test = both.take(np.flatnonzero(~tested)), both.take(np.flatnonzero(tested))
    taught = set(train.words.tolist())
    rows = [row for row in range(len(test)) if taught.issuperset(test.said(row))]
    if not rows:
        hint = "leave out somebody whose words others say too."
        raise UsageError(f"{one_line(name)} of {words.name} says no word that anybody else says", hint)
    return replace(words, train=train, test=test if len(rows) == len(test) else test.take(np.array(rows)))


def _joined(parts: Sequence[Clips]) -> Clips:
    """All clips of some parts, one part after another."""
    speakers = [part.speakers for part in parts if part.speakers is not None]
    return clips_of(
        [part.clip(row) for part in parts for row in range(len(part))],
        [part.said(row) for part in parts for row in range(len(part))],
        np.concatenate(speakers) if len(speakers) == len(parts) else None,
        [file for part in parts for file in part.files],
    )
