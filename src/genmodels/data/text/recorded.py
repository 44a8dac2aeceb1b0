"""What run.json keeps of a corpus, and the same corpus found again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from genmodels.data.passed_over import recorded
from genmodels.data.text.corpus import Corpus, HowRead, open_cached, open_corpus, read_files
from genmodels.data.text.files import BUILT_IN, STANDARD_INPUT
from genmodels.data.text.finding import Found, find_files
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import DataError, RunError, listed
from genmodels.telling import Counting, Notice, uncounted


def describe_corpus(corpus: Corpus, reading: HowRead, glob: str) -> dict[str, Any]:
    """What run.json keeps of a corpus: enough to find it again and to notice a change."""
    kept = reading.vocabulary
    return {
        "sources": [
            name if name in {STANDARD_INPUT, BUILT_IN} else str(Path(name).resolve()) for name in corpus.sources
        ],
        "fingerprint": corpus.fingerprint,
        "identity": corpus.identity(),
        "characters": corpus.length,
        "different": corpus.different(),
        "known": len(corpus.vocabulary),  # of characters, by the network
        "glob": glob,
        "encoding": reading.encoding,
        "bytes": reading.as_bytes,
        "max_vocabulary": reading.max_vocabulary,
        "extends": None if kept is None else kept.to_json(),
        "apart": reading.apart,
        "passed_over": recorded(corpus.passed_over),
    }


AGAIN = "give the same text again: --resume RUN FILE, or - for standard input."


def _named(described: dict[str, Any]) -> tuple[list[str], str, HowRead, Any]:
    """Where a run's corpus came from, its fingerprint, how it was read, and which files of a folder.

    Raises:
        RunError: the description is damaged.
    """
    try:
        sources, fingerprint = [str(s) for s in described["sources"]], str(described["fingerprint"])
        return sources, fingerprint, how_read(described), described["glob"]
    except (KeyError, TypeError) as error:
        raise RunError(f"run.json does not describe its corpus: {error}", "restore it from a copy.") from error


def reopen_corpus(
    described: dict[str, Any],
    notice: Notice,
    again: Sequence[str] = (),
    text: str | None = None,
    counting: Counting = uncounted,
) -> Corpus:
    """The corpus of a run: from its files, which must not have changed, else from the cache.

    Args:
        described: what `describe_corpus` gave.
        notice: is told what was changed on the way.
        again: where the same text is now, if it was moved.
        text: the same text itself, instead.
        counting: how far the reading is.

    Raises:
        DataError: a file has changed, or neither the files nor the cache hold the text any more.
        RunError: the description is damaged.
    """
    sources, fingerprint, reading, glob = _named(described)
    given = list(again) if text is None else [STANDARD_INPUT]
    ours = [] if given else [name for name in sources if name in {STANDARD_INPUT, BUILT_IN}]
    if given:
        sources = given
    elif ours or not all(Path(name).is_file() for name in sources):
        kept = open_cached(fingerprint, tuple(sources), notice, gone=ours != [BUILT_IN])
        if kept is not None:
            return kept
        if ours != [BUILT_IN]:
            raise DataError(f"the corpus of the run is gone: {listed(sources)}", AGAIN)
    if text is not None:
        corpus = open_corpus([], reading, notice, glob, text, counting)
    else:
        found = find_files(again, glob) if again else Found(tuple(sources))
        corpus = read_files(found, reading, notice, counting=counting)
    if corpus.fingerprint != fingerprint:
        raise DataError(
            f"the corpus {listed(sources)} is not that of the run, or has changed since it began",
            "give the text as it was, or begin a new run from these weights with --init-from.",
        )
    return corpus


def corpus_again(described: dict[str, Any], reading: HowRead, notice: Notice) -> tuple[Corpus, HowRead]:
    """The text of a run, which must not have changed, for a new run that may read it in another way.

    Args:
        described: what `describe_corpus` gave.
        reading: how the new run reads it.
        notice: is told what was changed on the way.

    Returns:
        The text, and how it was read: with line feeds between its files where that run has them.

    Raises:
        DataError: it has changed or is gone; or it came through standard input and is to be read in another way.
        RunError: the description is damaged.
    """
    same = reopen_corpus(described, notice)
    recorded = how_read(described)
    reading = replace(reading, apart=recorded.apart)
    if reading.key() == recorded.key():
        return same, reading
    if STANDARD_INPUT in same.sources:
        what = "the corpus of the run came through standard input, so it can't be read in another way"
        raise DataError(what, "give the same text again.")
    return read_files(Found(same.sources), reading, notice), reading


def how_read(described: dict[str, Any]) -> HowRead:
    """How the corpus of a run was read."""
    base = described["extends"]
    return HowRead(
        encoding=str(described["encoding"]),
        as_bytes=described["bytes"],
        max_vocabulary=described["max_vocabulary"],
        vocabulary=None if base is None else Vocabulary.from_json(base),
        extend=base is not None,
        apart=bool(described.get("apart", False)),  # runs made before it was recorded have no such line feeds
    )
