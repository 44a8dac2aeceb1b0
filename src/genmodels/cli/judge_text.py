"""judge-text: what a run writes, temperature by temperature, beside held-out text."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import is_terminal, note, say, write_result
from genmodels.cli.judging import Texts, bits_per_char, judge_all, share, texts_of
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import check_unknown, parse_epochs, parse_numbers
from genmodels.cli.sample_text import open_a_writer
from genmodels.cli.tables import show_table
from genmodels.durable import to_json
from genmodels.errors import DataError
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    from genmodels.analysis.text_quality import TextQuality
    from genmodels.sampling.writing import TextWriter

SHORTEST = 100
NGRAMS = (4, 8, 16, 32)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("judge-text")(judge_text)


@dataclass(frozen=True)
class Judged:
    """One row of the table.

    Args:
        facts: what the text is: its epoch and temperature, or its file, or that it is the control.
        quality: its statistics.
        distance: from the control; None for the control.
    """

    facts: dict[str, Any]
    quality: "TextQuality"
    distance: float | None

    @property
    def name(self) -> str:
        """How the table names it."""
        if "temperature" in self.facts:
            return f"epoch {self.facts['epoch']}, temperature {self.facts['temperature']:g}"
        return f"epoch {self.facts['epoch']}, {self.facts['text']}"


def judge_text(
    file: Annotated[
        str | None,
        typer.Argument(help="A text to judge, or - for stdin.", show_default="what the run writes"),
    ] = None,
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    temp: Annotated[str, typer.Option(help="Temperatures to write at.")] = "0.25,0.5,0.75,1,1.25,1.5",
    length: Annotated[int, typer.Option(help="Characters to write at each.", min=SHORTEST)] = 5000,
    seed: Annotated[int, typer.Option(help="Same seed, same texts.", min=0)] = 1,
    encoding: Annotated[str, typer.Option(help="Encoding of the file.")] = "utf-8",
    unknown: Annotated[str, typer.Option(help="Unknown characters in the file: error or skip.")] = "error",
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Judge texts by their words, copies and repetition, beside as much held-out text.

    Real words are words of the training text; a novel n-gram is n characters in a row that it lacks; distinct-n is the
    share of word n-grams that differ; repetition the share of word 4-grams that came before. The distance is the
    mean difference from the held-out text over all of them and bits/char.

    Examples:

      genmodels judge-text

      genmodels judge-text --epochs 1,20 --temp 0.25,0.75,1.5

      genmodels judge-text written-elsewhere.txt --json
    """
    del debug
    check_unknown(unknown)
    temperatures = parse_numbers("--temp", temp)
    found = find_run(runs, run, "text")
    asked = parse_epochs(epochs) if epochs is not None else [None]
    writers = [open_a_writer(found.epoch_checkpoint(epoch), device) for epoch in asked]
    texts = texts_of(found, note)
    if len(texts.held_out) < SHORTEST:
        raise DataError(
            f"{found.path} holds out {len(texts.held_out)} characters, too few to judge by",
            f"at least {SHORTEST} are needed: train on a longer text, or with a larger --val-fraction.",
        )
    rows: list[Judged] = []
    for writer, state in writers:
        if file is None:
            cut = _cut(length, texts, f"--length {length:,}")
            rows += _of_written(writer, state, texts, temperatures, cut, seed)
        else:
            rows += _of_file(writer, state, texts, _read(file, writer, encoding, unknown), file)
    if json:
        facts = {"run": str(found.path), "nearest": _nearest(rows).facts}
        results = [row.facts | row.quality.to_record() | {"distance": row.distance} for row in rows]
        write_result(to_json(facts | {"results": results}).decode().rstrip())
        return
    _show(found, rows)


def _cut(length: int, texts: Texts, what: str) -> int:
    """As many characters as there is held-out text: statistics depend on the length."""
    if length > len(texts.held_out):
        say(f"note: {what} is more than the held-out text; {len(texts.held_out):,} characters are judged")
    return min(length, len(texts.held_out))


def _of_written(
    writer: "TextWriter", state: dict[str, Any], texts: Texts, temperatures: tuple[float, ...], length: int, seed: int
) -> list[Judged]:
    """What a run writes at each temperature, and the control."""
    from genmodels.sampling.choosing import SampleSettings

    how = SampleSettings(temperature=temperatures, length=length, seed=seed)
    samples = writer.write(str(state["prompt"]), how)
    written = [(sample.text, bits_per_char(sample.log_probabilities)) for sample in samples]
    facts = [{"epoch": int(state["epoch"]), "temperature": sample.temperature} for sample in samples]
    return _judged(facts, texts, written, writer, length, int(state["epoch"]))


def _of_file(writer: "TextWriter", state: dict[str, Any], texts: Texts, text: str, name: str) -> list[Judged]:
    """A text from elsewhere, and the control."""
    text = text[: _cut(len(text), texts, f"{name}, of {len(text):,} characters,")]
    written = [(text, bits_per_char(writer.score(texts.led_in, text, name)))]
    facts = [{"epoch": int(state["epoch"]), "text": name}]
    return _judged(facts, texts, written, writer, len(text), int(state["epoch"]))


def _judged(
    facts: list[dict[str, Any]],
    texts: Texts,
    written: list[tuple[str, float]],
    writer: "TextWriter",
    length: int,
    epoch: int,
) -> list[Judged]:
    from genmodels.analysis.text_quality import distance

    qualities, control = judge_all(texts, written, writer, length)
    rows = [Judged(f, q, distance(q, control)) for f, q in zip(facts, qualities, strict=True)]
    return [*rows, Judged({"epoch": epoch, "text": "held-out text"}, control, None)]


def _read(file: str, writer: "TextWriter", encoding: str, unknown: str) -> str:
    """A file as the model reads it.

    Raises:
        DataError: missing, empty, too short, wrongly encoded, or with unknown characters.
    """
    from genmodels.data.text.corpus import HowRead, open_corpus

    vocabulary = writer.vocabulary
    reading = HowRead(
        encoding=encoding, as_bytes=vocabulary.is_bytes, vocabulary=vocabulary, unknown=unknown, max_vocabulary=2**21
    )
    corpus = open_corpus([file], reading, note)
    if corpus.length < SHORTEST:
        raise DataError(f"{file} has {corpus.length} characters, too few to judge", f"give at least {SHORTEST}.")
    return corpus.text(0, corpus.length)


def _nearest(rows: list[Judged]) -> Judged:
    return min((row for row in rows if row.distance is not None), key=lambda row: row.distance or 0.0)


def _show(run: RunDir, rows: list[Judged]) -> None:
    """The statistics, the longest copies, and the text that is nearest to the control."""
    headings = ["text", "real words", *(f"novel {n}" for n in NGRAMS), "copy"]
    headings += [*(f"distinct {n}" for n in (1, 2, 3)), "repetition", "bits/char", "distance"]
    cells = _cells(rows)
    if is_terminal(sys.stdout):  # a column for each text: thirteen measures side by side are too wide
        turned = [list(column) for column in zip(headings, *cells, strict=True)]
        headings, cells = turned[0], turned[1:]
    show_table(f"{run.name}, {rows[0].quality.characters:,} characters each", headings, cells, sys.stdout)
    copies = [(row.name, row.quality.longest_copy) for row in rows]
    lines = [[name, str(c.length), f"{c.training_line:,}", c.text.replace("\n", "\u21b5")] for name, c in copies if c]
    sys.stdout.write("\n")
    show_table("longest copies", ["text", "copy", "training line", "passage"], lines, sys.stdout)
    nearest = _nearest(rows)
    if "temperature" in nearest.facts:
        say(f"nearest to the held-out text: {nearest.name} (distance {nearest.distance:.3f})")
        temperature, epoch = nearest.facts["temperature"], nearest.facts["epoch"]
        say(f"next: genmodels sample-text --run {run.quoted} --epochs {epoch} --temp {temperature:g}")


def _cells(rows: list[Judged]) -> list[list[str]]:
    return [
        [
            row.name,
            share(q.real_words),
            *(share(q.novel[n]) for n in NGRAMS),
            str(0 if q.longest_copy is None else q.longest_copy.length),
            *(share(value) for value in q.distinct),
            share(q.repetition),
            f"{q.bits_per_char:.3f}",
            "-" if row.distance is None else f"{row.distance:.3f}",
        ]
        for row, q in ((row, row.quality) for row in rows)
    ]
