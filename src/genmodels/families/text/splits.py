"""A run's training and validation text; other texts as the run reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.data.text.files import BUILT_IN, STANDARD_INPUT
from genmodels.errors import DataError, listed
from genmodels.families.run import Run
from genmodels.printable import one_line
from genmodels.settings.text import TextSettings
from genmodels.telling import UNTOLD, Advance, Teller, silent

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus
    from genmodels.data.text.streams import Split
    from genmodels.data.text.vocabulary import Vocabulary

NAMELESS = {BUILT_IN: "the built-in text", STANDARD_INPUT: "a given text"}
FEWEST_SOUGHT = 100  # characters; fewer may stand in any text
PIECE = 1 << 22  # characters of a text that are searched at a time
LARGEST_VOCABULARY = 2**21  # more than there are characters: a run's own vocabulary is never too large


def recorded_splits(run: Run) -> "tuple[Split, Split]":
    """A run's training and validation text, out of its own corpus.

    Raises:
        RunError: run.json is damaged.
        DataError: the corpus has changed or is gone.
    """
    from genmodels.data.text.recorded import reopen_corpus
    from genmodels.data.text.streams import split_corpus
    from genmodels.training.setup import recorded_settings

    document = run.document()
    settings = recorded_settings(TextSettings, document)
    corpus = reopen_corpus(document["data"], silent, counting=run.teller.counting)
    return split_corpus(corpus, settings.val_fraction, settings.val_limit)


def text_called(document: Mapping[str, Any]) -> str:
    """What a title calls the text of a run.

    >>> text_called({"data": {"sources": ["/home/anna/novel.txt"]}}), text_called({"data": {"sources": ["a", "b"]}})
    ('novel.txt', '2 files')
    """
    sources = [str(source) for source in document["data"].get("sources", ())]
    if len(sources) != 1:
        return f"{len(sources)} files"
    return NAMELESS.get(sources[0]) or one_line(Path(sources[0]).name)


def read_in(
    vocabulary: "Vocabulary",
    file: str | Path | None,
    text: str | None,
    *,
    encoding: str = "utf-8",
    unknown: str = "error",
    teller: Teller = UNTOLD,
) -> "Corpus":
    """A file, or a text itself, in the vocabulary of a run.

    Args:
        vocabulary: the run's.
        file: a path, or "-" for standard input.
        text: read instead of a file.
        encoding: of the file.
        unknown: "error", or "skip" to leave out what the vocabulary lacks.
        teller: is told what was changed on the way, and how far the reading is.

    Raises:
        DataError: missing, empty, wrongly encoded, or with unknown characters.
        UsageError: both a file and a text.
    """
    from genmodels.data.text.corpus import HowRead, open_corpus
    from genmodels.data.text.decoding import as_in_a_corpus

    if isinstance(text, str) and vocabulary.characters is not None:
        vocabulary.encode(
            as_in_a_corpus(text, vocabulary.characters), "the argument text", unknown
        )  # named as its argument is
    how = HowRead(
        encoding=encoding,
        as_bytes=vocabulary.is_bytes,
        vocabulary=vocabulary,
        unknown=unknown,
        max_vocabulary=LARGEST_VOCABULARY,
        apart="\n" in (vocabulary.characters or ""),  # else the run would not know what nobody wrote
    )
    corpus = open_corpus([] if file is None else [str(file)], how, teller.notice, text=text, counting=teller.counting)
    if len(corpus.sources) > 1 or corpus.passed_over:
        teller.notice(f"read {taken_told(corpus)}")
    return corpus


def tell_learned(run: Run, corpus: "Corpus", name: str) -> None:
    """Say where a text stands as a whole in the one that a run was trained on: then it is no test of the run.

    Args:
        run: whose teller is told.
        corpus: the text, in the run's vocabulary; one of a few words stands anywhere, and is not looked for.
        name: what it is called.
    """
    if corpus.length < FEWEST_SOUGHT:
        return
    try:
        train = recorded_splits(run)[0]
    except DataError as error:
        run.teller.notice(f"{error.what}; so whether {run.path} learned from {name} can't be told")
        return
    if train.corpus.vocabulary != corpus.vocabulary:
        return  # a text of the run's own corpus has the run's own vocabulary
    with run.teller.counting(f"looking for {name} in the training text", train.corpus.length) as advance:
        place = _place_of(corpus, train.corpus, advance)
    learned = 0 if place is None else min(train.stop, place + corpus.length) - place
    percent = 100 * learned // corpus.length  # below 1 it is the run's held-out text but for its edge
    if percent == 100:
        never = "that tells nothing of how well it does on text that it never read"
        run.teller.notice(f"{run.path} was trained on {name}: {never}")
    elif percent > 0:
        never = "so it does better there than on text that it never read"
        run.teller.notice(f"{run.path} was trained on {percent} % of {name}, {never}")


def _place_of(sought: "Corpus", whole: "Corpus", advance: Advance) -> int | None:
    """Where a text begins in another, if it stands there; read piece by piece, as texts may be large."""
    ids = sought.read(0, sought.length)
    needle, size = ids.tobytes(), ids.itemsize
    step = max(PIECE, sought.length)
    for begin in range(0, whole.length - sought.length + 1, step):
        piece = whole.read(begin, min(begin + step + sought.length - 1, whole.length)).tobytes()
        at = piece.find(needle)
        while at >= 0 and at % size:  # between two characters
            at = piece.find(needle, at + 1)
        if at >= 0:
            return begin + at // size
        advance(min(step, whole.length - begin))
    return None


def taken_told(corpus: "Corpus") -> str:
    """What was taken and what was passed over, for a sentence."""
    from genmodels.data.passed_over import told

    several = f"{len(corpus.sources):,} files, " if len(corpus.sources) > 1 else ""
    unit = "bytes" if corpus.vocabulary.is_bytes else f"characters, {len(corpus.vocabulary)} different"
    passed_over = f"; passed over: {told(corpus.passed_over)}" if corpus.passed_over else ""
    return f"{listed(corpus.sources)}: {several}{corpus.length:,} {unit}{passed_over}"


def name_of(file: str | Path | None, text: str | None) -> str | None:
    """What a result calls what was read: a file by its path, a text itself as what standard input brings."""
    if text is not None:
        return "-"
    return None if file is None else str(file)
