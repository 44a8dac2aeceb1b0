"""A network that listens, alive in a page: held-out recordings to hear, and what it hears at each moment of them."""

import hashlib
import io
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.alive import Alive, Network, Weights, best_held_out
from genmodels.families.speech.errors import word_errors
from genmodels.families.speech.hearing import Source, utterances_of
from genmodels.families.speech.run import SpeechRun
from genmodels.printable import one_line
from genmodels.telling import counted, errors_told, of_hundred, reads_nothing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genmodels.data.sound.clips import Clips, WordSet
    from genmodels.data.sound.pieces import Piece
    from genmodels.models.described_listener import ListenerDescription

    Sound = NDArray[np.int16]

RECORDED = 64  # inputs
SINGLE, COMPOSED = 3, (2, 3, 5)  # recordings of one word, and words in each of the composed utterances
ONLY_SINGLE = 6  # recordings of a set in which each is of several words
LONGEST_CLIP = 12  # seconds
CLIP_BYTES = 400_000  # of all recordings of a page
RECORDED_SECONDS = 1.5  # of each recorded input
SEED = 1
UTTERANCES_MEASURED = 20  # of each length, so that the page does not keep anybody waiting
UTTERANCES_SHOWN = 2
MOST_WORDS = 20  # of a table with a row and a column for each; of more the commonest confusions are shown


@dataclass(frozen=True)
class Clip:
    """A recording in the page.

    Args:
        source: what it is.
        piece: its samples, with the room around them that networks are given.
    """

    source: Source
    piece: "Piece"


def alive_speech(run: SpeechRun) -> list[Alive]:
    """The section in which a run listens.

    Raises:
        RunError: no epoch was kept.
    """
    from genmodels.models.described_listener import check_weights, describe_listener
    from genmodels.runs.checkpoint import read_checkpoint

    read = read_checkpoint(run.epoch_checkpoint(None))
    about = describe_listener(read)
    check_weights(read, about)
    words = _words(run)
    inputs = _recorded_inputs(words)
    return [
        Alive(
            part=run.family,
            scripts=("layers_sequences", "spikes", "pictures", "sound", "speech_network", run.family),
            title="It listens",
            about="Recordings that it never heard: play one, and see what the network hears at each moment of it.",
            data=_described(about) | _heard(run, words),
            networks=[_network(about, read.tensors["model"], inputs)],
            inputs=[samples.tolist() for samples in inputs],
            learned=_learned(run, about),
        )
    ]


def _words(run: SpeechRun) -> "WordSet | None":
    """The run's recordings; that they are gone is told."""
    try:
        return run.words()
    except DataError as error:
        run.teller.notice(f"no recordings stand in the page: {error}")
        return None


def _described(about: "ListenerDescription") -> dict[str, Any]:
    """What the script needs to know of the network."""
    from genmodels.models.layers import layers_of

    layers = layers_of(about.settings)
    return {
        "model": about.settings.model,
        "features": about.settings.features,
        "words": about.words,
        "width": layers.width,
        "dilations": layers.dilations,
        "cell": layers.cell,
        "bothWays": layers.both_ways,
        "frames": layers.frames,
    }


def _heard(run: SpeechRun, words: "WordSet | None") -> dict[str, Any]:
    """The recordings, and a sum over them by which runs know that they have the same."""
    clips = [] if words is None else _fitting(run, _sources(words))
    shown = [{"name": one.source.name, "truth": one.source.truth, "wav": _wav(one.piece.samples)} for one in clips]
    digest = hashlib.sha256(b"".join(one["wav"] for one in shown)).hexdigest()  # type: ignore[misc]
    return {"clips": shown, "shared": digest}


def _sources(words: "WordSet") -> list[Source]:
    """Test recordings of one word each, each of another word, and utterances made of such."""
    import numpy as np

    test = words.test
    composed = test.unit == "word"
    firsts = np.unique([test.said(row)[0] if test.said(row) else -1 for row in range(len(test))], return_index=True)[1]
    places = np.unique(np.linspace(0, len(firsts) - 1, SINGLE if composed else ONLY_SINGLE).round().astype(int))
    single = [_recording(words, int(firsts[place])) for place in places]
    return [*(utterances_of(words, len(COMPOSED), COMPOSED, SEED) if composed else ()), *single]


def _recording(words: "WordSet", row: int) -> Source:
    """One test recording."""
    test = words.test

    def blocks() -> "Iterator[Sound]":
        yield test.clip(row)

    by = "" if words.speakers is None or test.speakers is None else f" by {words.speakers[int(test.speakers[row])]}"
    said = " ".join(words.words[word] for word in test.said(row))
    return Source(one_line(f"recording {row + 1}{by}"), blocks, said)


def _fitting(run: SpeechRun, sources: Sequence[Source]) -> list[Clip]:
    """Those that are short enough, as long as there is room for them; what is left out is told."""
    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.pieces import pieces_of

    fitting: list[Clip] = []
    room = CLIP_BYTES
    for source in sources:
        first = next(pieces_of(source.blocks()))
        fits = len(first.samples) <= LONGEST_CLIP * RATE and first.samples.nbytes <= room and not first.is_silent
        if fits:
            fitting.append(Clip(source, first))
            room -= first.samples.nbytes
    if len(fitting) < len(sources):
        left = counted(len(sources) - len(fitting), "recording")
        run.teller.notice(f"{left} of {len(sources)} left out of the page: silent, or too long for it")
    return fitting


def _wav(samples: "Sound") -> bytes:
    """A recording as a file that a browser plays: 8,000 samples in a second, 16 bits each."""
    from genmodels.data.sound.clips import RATE

    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _recorded_inputs(words: "WordSet | None") -> "list[Sound]":
    """Beginnings of test recordings, again and again where they are few; noise where they are gone."""
    import numpy as np

    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.pieces import pieces_of

    if words is None or not len(words.test):
        random = np.random.default_rng(SEED)
        return [(random.normal(0, 1000, 4000 + 80 * index)).astype(np.int16) for index in range(RECORDED)]
    test: Clips = words.test
    rows = [index * (len(test) - 1) // (RECORDED - 1) for index in range(RECORDED)]
    length = int(RECORDED_SECONDS * RATE)
    return [next(pieces_of([test.clip(row)])).samples[:length] for row in rows]


def _network(about: "ListenerDescription", weights: Weights, inputs: "Sequence[Sound]") -> Network:
    """The network, told apart from itself with other weights by what it hears at each moment of recorded inputs."""
    import numpy as np

    from genmodels.data.sound.features import heard
    from genmodels.models.layers import layers_of
    from genmodels.sampling.listening import log_distributions

    layers = layers_of(about.settings)
    rows = [heard(samples, about.settings.features) for samples in inputs]

    def outputs(weights: Weights) -> "NDArray[np.float32]":
        """A row for each recording, with zeros where others are longer."""
        found = [log_distributions(dict(weights), layers, one).ravel() for one in rows]
        table = np.zeros((len(found), max(map(len, found))), np.float32)
        for row, one in zip(table, found, strict=True):
            row[: len(one)] = one
        return table

    expected = outputs(weights)
    differs = lambda weights: float(np.abs(outputs(weights) - expected).max())  # noqa: E731
    return Network(f"epoch {about.epoch:g} (the best)", weights, differs, outputs)


def _learned(run: SpeechRun, about: "ListenerDescription") -> str:
    """What it learned, for somebody who knows nothing of it."""
    record = best_held_out(run)
    if not record:
        return ""
    wrong, right = record["word_error_rate"], record["sequence_accuracy"]
    learned = "was to learn" if reads_nothing(wrong, right) else "learned"
    some = ", ".join(about.words[:3]) + (", and so on" if len(about.words) > 3 else "")
    return (
        f"It heard recordings of {counted(len(about.words), 'word')} ({some}) from {about.data}, alone and in a row, "
        f"was told what is said but not when, and {learned} to write it down. In recordings that it never heard, of "
        f"the same words, it makes {errors_told(wrong, 'word')}; "
        f"{of_hundred(right)} of 100 rows of words it hears without any error."
    )


def speech_exhibits(run: SpeechRun) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: the course, what it hears in utterances, its errors, speaker by speaker, word by word.

    The utterances are the first of those that can be listened to, so that one name is of one recording.
    """
    utterances = lambda: run.transcribe(utterances=UTTERANCES_SHOWN, lengths=COMPOSED, seed=SEED)  # noqa: E731
    return [run.course, utterances, lambda: _errors(run)]


def _errors(run: SpeechRun) -> Exhibit:
    """Word errors with a table of all speakers and one of what was taken for what."""
    found = word_errors([run], utterances=UTTERANCES_MEASURED)
    words = run.words().words
    tables = [_speakers_table(found.facts["results"]), _confusion_table(found.facts["networks"][0]["confusion"], words)]
    return replace(found, tables=[*found.tables, *(table for table in tables if table.rows)], leads="figure")


SPEAKER = "speaker "


def _speakers_table(rows: Sequence[Any]) -> Table:
    """Each speaker's recordings, each heard alone."""
    columns: dict[str, Format] = {"speaker": "", "utterances": ",", "word_error_rate": ".1%"}
    spoken = [row | {"speaker": row["part"].removeprefix(SPEAKER)} for row in rows if row["part"].startswith(SPEAKER)]
    return Table("speaker by speaker, each recording heard alone", columns, spoken, {"utterances": "recordings"})


def _commonest(counts: Sequence[Sequence[int]], words: Sequence[str], heard: Sequence[str]) -> Table:
    """Which of many words were confused most often."""
    pairs = [
        (times, said, as_word)
        for said, row in zip(words, counts, strict=True)
        for as_word, times in zip(heard, row, strict=True)
        if times and said != as_word
    ]
    commonest = sorted(pairs, key=lambda pair: -pair[0])[:MOST_WORDS]
    found = [{"said": said, "heard": as_word, "times": times} for times, said, as_word in commonest]
    return Table("what was taken for what most often", {"said": "", "heard": "", "times": ","}, found)


def _confusion_table(counts: Sequence[Sequence[int]], words: Sequence[str]) -> Table:
    """How often each word alone was heard as each; of many words, which were confused most often."""
    heard = [*words, "nothing", "several words"]
    if len(words) > MOST_WORDS:
        return _commonest(counts, words, heard)
    columns: dict[str, Format] = {"said": "", **{str(index): "" for index in range(len(heard))}}
    rows = [
        {"said": said, **{str(index): times or None for index, times in enumerate(row)}}
        for said, row in zip(words, counts, strict=True)
        if sum(row)
    ]
    heads = {"said": "said, and heard as"} | {str(index): name for index, name in enumerate(heard)}
    return Table("what was taken for what, each recording heard alone", columns, rows, heads)
