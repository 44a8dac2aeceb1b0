"""A run's training and validation text; other texts as the run reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.data.text.files import BUILT_IN, STANDARD_INPUT
from genmodels.errors import listed
from genmodels.families.run import Run
from genmodels.printable import one_line
from genmodels.settings.text import TextSettings
from genmodels.telling import UNTOLD, Teller, silent

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus
    from genmodels.data.text.streams import Split
    from genmodels.data.text.vocabulary import Vocabulary

NAMELESS = {BUILT_IN: "the built-in text", STANDARD_INPUT: "a given text"}
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


def taken_told(corpus: "Corpus") -> str:
    """What was taken and what was passed over, for a sentence."""
    from genmodels.data.passed_over import told

    several = f"{len(corpus.sources):,} files, " if len(corpus.sources) > 1 else ""
    unit = "bytes" if corpus.vocabulary.is_bytes else f"characters, {_different_told(corpus)}"
    passed_over = f"; passed over: {told(corpus.passed_over)}" if corpus.passed_over else ""
    return f"{listed(corpus.sources)}: {several}{corpus.length:,} {unit}{passed_over}"


def _different_told(corpus: "Corpus") -> str:
    """How many different characters a text has, and a network that knows more of them."""
    different, known = corpus.different(), len(corpus.vocabulary)
    return f"{different} different" + (f" (the network knows {known})" if known > different else "")


def name_of(file: str | Path | None, text: str | None) -> str | None:
    """What a result calls what was read: a file by its path, a text itself as what standard input brings."""
    if text is not None:
        return "-"
    return None if file is None else str(file)
