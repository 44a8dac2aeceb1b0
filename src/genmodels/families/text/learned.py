"""Whether a text is one that a run learned from, or one of those that its first weights came from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from genmodels.errors import DataError, RunError
from genmodels.families.finetuning import ancestors
from genmodels.families.run import Run
from genmodels.families.text.splits import recorded_splits
from genmodels.runs import RunDir
from genmodels.telling import Advance, Teller

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus
    from genmodels.data.text.streams import Split

FEWEST_SOUGHT = 100  # characters; fewer may stand in any text
PIECE = 1 << 22  # characters of a text that are searched at a time


def tell_learned(run: Run, corpus: "Corpus", name: str) -> None:
    """Say where a text stands as a whole in one that a run or its weights learned from: then it is no test of the run.

    Args:
        run: whose teller is told.
        corpus: the text; one of a few words stands anywhere, and is not looked for.
        name: what it is called.
    """
    from genmodels.data.text.streams import Split

    text = Split(corpus, 0, corpus.length)
    _tell(run, f"{run.path}", text, name, run.teller)
    tell_ancestors_learned(run, text, name)


def tell_ancestors_learned(run: Run, text: "Split", name: str) -> None:
    """The same of the runs alone that a run's first weights came from; `text` is a part of a corpus."""
    _tell_each(ancestors(run), f"the first weights of {run.path}", text, name, run.teller)


def tell_parents_learned(parent: RunDir, text: "Split", name: str, teller: Teller) -> None:
    """The same for a new run that is about to begin with the weights of another."""
    _tell_each([parent, *ancestors(parent)], "the first weights", text, name, teller)


def _tell_each(runs: Iterable[RunDir], whose: str, text: "Split", name: str, teller: Teller) -> None:
    for run in runs:
        _tell(run, f"{run.path}, from which {whose} come,", text, name, teller)


def _tell(run: RunDir, called: str, text: "Split", name: str, teller: Teller) -> None:
    """Say how much of a text a run was trained on, where it was."""
    if len(text) < FEWEST_SOUGHT:
        return
    try:
        train = recorded_splits(Run(run.path, teller))[0]
    except (DataError, RunError) as error:
        teller.notice(f"{error.what}; so whether {run.path} learned from {name} can't be told")
        return
    if train.corpus.vocabulary.is_bytes != text.corpus.vocabulary.is_bytes:
        return  # bytes are no characters
    with teller.counting(f"looking for {name} in the training text", train.corpus.length) as advance:
        place = _place_of(text, train.corpus, advance)
    learned = 0 if place is None else min(train.stop, place + len(text)) - place
    percent = 100 * learned // len(text)  # below 1 it is the run's held-out text but for its edge
    if percent == 100:
        never = "that tells nothing of how well it does on text that it never read"
        teller.notice(f"{called} was trained on {name}: {never}")
    elif percent > 0:
        never = "so it does better there than on text that it never read"
        teller.notice(f"{called} was trained on {percent} % of {name}, {never}")


def _place_of(sought: "Split", whole: "Corpus", advance: Advance) -> int | None:
    """Where a text begins in another, if it stands there; read piece by piece, as texts may be large.

    Characters are compared, as one text has other ids in another vocabulary.
    """
    needle, size = _characters(sought.corpus, sought.start, sought.stop), 4
    step = max(PIECE, len(sought))
    for begin in range(0, whole.length - len(sought) + 1, step):
        piece = _characters(whole, begin, min(begin + step + len(sought) - 1, whole.length))
        at = piece.find(needle)
        while at >= 0 and at % size:  # between two characters
            at = piece.find(needle, at + 1)
        if at >= 0:
            return begin + at // size
        advance(min(step, whole.length - begin))
    return None


def _characters(corpus: "Corpus", start: int, stop: int) -> bytes:
    """The characters from start to stop, four bytes each."""
    return corpus.vocabulary.meaning_of(corpus.read(start, stop)).tobytes()
