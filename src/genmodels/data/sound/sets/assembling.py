"""What was read of a set of words -> its two parts, numbered alike."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from genmodels.data.dividing import held_out_rows
from genmodels.data.passed_over import PassedOver, told
from genmodels.data.sound.clips import Clips, WordSet, clips_of
from genmodels.data.sound.sets.given import TEST, TRAIN, Given, Said
from genmodels.data.sound.sets.kept import fingerprint_of
from genmodels.data.sound.sets.labels import in_order, numbers_of
from genmodels.data.sound.sets.parts import speakers_held_out
from genmodels.data.sound.sets.reading import Heard, read_all
from genmodels.errors import DataError, listed
from genmodels.printable import one_line
from genmodels.telling import Counting, counted, uncounted

FEWEST = 20  # recordings to train on
FEWEST_TESTED = 2
NAMED = 6  # words that a sentence names
TEST_SHARE = 0.1  # is held out where nothing says what to test on


def assembled(given: Given, name: str, source: str, counting: Counting = uncounted) -> WordSet:
    """A set of words out of its files.

    Args:
        given: the files.
        name: what figures call the set.
        source: what --dataset said.
        counting: how far it is.

    Raises:
        DataError: too few of them can be used, or they are too many; see `read_all`.
    """
    heard = read_all(given, counting)
    parts = {said.part for said in heard.said}
    held_out = TEST not in parts
    if held_out:
        _hold_out(heard)
    _pass_over_strange_words(given, heard)
    _check_counts(heard.said, held_out, {**given.passed_over, **heard.passed_over})
    words = in_order(word for said in heard.said for word in said.words)
    speakers = _speakers(given, heard)
    train, test = (_clips(given, heard, part, words, speakers) for part in (TRAIN, TEST))
    reading = {"held_out": held_out, "guesses": heard.told, "unused": heard.passed_over}
    return WordSet(name, source, train, test, words, speakers, fingerprint_of(train, test, words, speakers), reading)


def _hold_out(heard: Heard) -> None:
    """Divide recordings that no name, folder or list divides: by speaker where there are many, else word by word."""
    known = [said.speaker for said in heard.said if said.speaker is not None]
    names = sorted(set(known))
    by_speaker = len(known) == len(heard.said)
    rows = speakers_held_out(np.array([names.index(name) for name in known])) if by_speaker else np.zeros(0, np.int64)
    sentence = f"tests on all recordings of {len({known[row] for row in rows})} of {len(names)} speakers"
    if not len(rows):
        words = in_order(word for said in heard.said for word in said.words)
        rows = held_out_rows(numbers_of(heard.said, words), TEST_SHARE, 1)
        sentence = "tests on every tenth recording of each word"
    tested = set(rows.tolist())
    heard.said = [replace(said, part=TEST if row in tested else TRAIN) for row, said in enumerate(heard.said)]
    heard.told += [sentence, *_untested_told(heard.said)]


def _untested_told(said: Sequence[Said]) -> list[str]:
    """A sentence where words are said in no recording that is held out, as there are too few of them."""
    trained, tested = (Counter(w for s in said if s.part == part for w in set(s.words)) for part in (TRAIN, TEST))
    few = [
        f"{one_line(word)} ({trained[word]:,} recording{'s' * (trained[word] != 1)})"
        for word in in_order(trained.keys())
        if word not in tested
    ]
    return [f"no recording is held out of {listed(few, NAMED)}"] if few else []


def _pass_over_strange_words(given: Given, heard: Heard) -> None:
    """Leave out what is to be tested on and holds a word that nothing teaches."""
    taught = {word for said in heard.said if said.part == TRAIN for word in said.words}
    kept = [row for row, said in enumerate(heard.said) if taught.issuperset(said.words)]
    for said in heard.said:
        if not taught.issuperset(said.words):
            heard.passed_over[given.name_of(said.file)] = "to test on, but no recording to train on holds its words"
    heard.said, heard.samples = [heard.said[row] for row in kept], [heard.samples[row] for row in kept]


def _check_counts(said: Sequence[Said], held_out: bool, passed_over: Mapping[str, str]) -> None:
    """Refuse too few recordings, which may be as others were passed over.

    Raises:
        DataError: they are too few.
    """
    tested = sum(one.part == TEST for one in said)
    trained = len(said) if held_out else len(said) - tested
    others = told(PassedOver(one_line(name), why) for name, why in passed_over.items())
    others = f"; passed over: {others}" if others else ""
    if trained < FEWEST:
        what = f"too few to train on: {counted(trained, 'recording')}"
        raise DataError(what + others, f"give at least {FEWEST}, several of each word.")
    if tested < FEWEST_TESTED:
        what = f"{counted(tested, 'recording') if tested else 'no recordings'} can be tested on, too few"
        raise DataError(what + others, f"give at least {FEWEST_TESTED}, of words that others say too.")


def _speakers(given: Given, heard: Heard) -> tuple[str, ...] | None:
    """Who speaks, sorted; None where that is not known of all recordings, which is told where it is known of some."""
    unknown = [said for said in heard.said if said.speaker is None]
    if not unknown:
        return tuple(sorted({str(said.speaker) for said in heard.said}))
    if len(unknown) < len(heard.said):
        others = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
        first = one_line(given.name_of(unknown[0].file))
        heard.told.append(f"left the speakers out, as that of {first}{others} is not known")
    return None


def _clips(given: Given, heard: Heard, part: str, words: Sequence[str], speakers: Sequence[str] | None) -> Clips:
    """The recordings of one part."""
    rows = [row for row, said in enumerate(heard.said) if said.part == part]
    said = [heard.said[row] for row in rows]
    places = {name: place for place, name in enumerate(speakers or ())}
    numbers = None if speakers is None else [places[str(one.speaker)] for one in said]
    names = [given.name_of(one.file) for one in said]
    return clips_of([heard.samples[row] for row in rows], numbers_of(said, words), numbers, names)
