"""Texts by epoch and temperature, from the same prompt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.bytewise import PER_BYTE, reads_bytes
from genmodels.errors import DataError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.run import Run
from genmodels.families.text.author import Author, Judge, Prompt, open_author, open_judge, read_prompt
from genmodels.families.text.judging import in_short, judge_all, texts_of, why_no_words
from genmodels.families.text.splits import text_called
from genmodels.look import USUAL, Look
from genmodels.named_files import forced, save_file
from genmodels.paths import path_of
from genmodels.runs import Epoch, Epochs
from genmodels.settings.fields import check_choice
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import UNKNOWN_CHARACTERS
from genmodels.telling import Counting, Notice, counted, silent, uncounted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.text_quality import TextQuality
    from genmodels.sampling.writing import Sample

BLANK = " Where nothing is seen, it wrote blanks and line ends alone."


@dataclass(frozen=True)
class Cell:
    """One text of a sheet.

    Args:
        epoch: whose weights wrote it.
        sample: the text.
        quality: what it is like, if that was asked.
    """

    epoch: float
    sample: "Sample"
    quality: "TextQuality | None" = None

    def shown(self, prompt: str) -> str:
        """The prompt and what follows it, with its statistics below."""
        text = prompt + self.sample.text
        return text if self.quality is None else f"{text}\n[{in_short(self.quality)}]"

    def to_record(self) -> dict[str, Any]:
        """The names used in ``--json``."""
        sample = self.sample
        told = {
            "epoch": self.epoch,
            "temperature": sample.temperature,
            "text": sample.text,
            "log_probabilities": [round(p, 6) for p in sample.log_probabilities],
        }
        return told if self.quality is None else {**told, "quality": self.quality.to_record()}


@dataclass(frozen=True, repr=False)
class TextSheet(Exhibit):
    """Texts of some epochs and temperatures.

    Args:
        prompt: that all go on from.
        cells: the texts, by epoch, then temperature, then number.
        count: of texts for each epoch and temperature.
    """

    prompt: str = field(default="", kw_only=True)
    cells: Sequence[Cell] = field(default=(), kw_only=True)
    count: int = field(default=1, kw_only=True)

    @classmethod
    def of(
        cls, run: Run, prompt: str, how: SampleSettings, cells: Sequence[Cell], remarks: Sequence[str]
    ) -> "TextSheet":
        """The texts of a run as an exhibit; arguments as those of the class."""
        samples = [cell.to_record() for cell in cells]
        facts = {"run": str(run.path), "prompt": prompt, "settings": how.to_mapping(), "samples": samples}
        facts |= PER_BYTE if reads_bytes(run.document()) else {}
        tables = [_table(f"{run.name}, from {prompt!r}", prompt, cells)]
        title = f"Texts written by {run.name} ({run.setting('model')}), trained on {text_called(run.document())}"
        return cls(
            "texts", title, facts, tables, draw=lambda title: _figure(prompt, cells, how.count, title), leads="table",
            remarks=remarks, prompt=prompt, cells=cells, count=how.count,
        )  # fmt: skip

    @property
    def content(self) -> str:
        """The texts as labelled blocks; one alone, without statistics, is just text."""
        if len(self.cells) == 1 and self.cells[0].quality is None:
            return self.cells[0].shown(self.prompt)
        return "\n".join(self._block(number, cell) for number, cell in enumerate(self.cells))

    def _block(self, number: int, cell: Cell) -> str:
        which = f", text {number % self.count + 1}" if self.count > 1 else ""
        head = f"=== epoch {cell.epoch}, temperature {cell.sample.temperature:g}{which}"
        return f"{head}\n{cell.shown(self.prompt)}\n"

    def save(
        self, path: str | Path, notice: Notice = silent, look: Look = USUAL, counting: Counting = uncounted,
        force: bool = False,
    ) -> Path:  # fmt: skip
        """Write the texts (.txt), the figure (.png, .pdf, .svg), the table (.csv) or the facts (.json).

        Args:
            path: of the file; it is given back.
            notice: is told of characters in the figure that no font here has.
            look: title and size of the figure, where they are to be other than its own.
            counting: not used, as nothing moves.
            force: replace also what genmodels did not write, or was changed since.

        Raises:
            UsageError: another ending.
            ResourceError: the file can't be written.
        """
        target = path_of(path)
        if target.suffix.lower() != ".txt":
            return super().save(target, notice, look, counting, force)
        with forced(force):
            save_file(target, self.content.encode("utf-8", "surrogatepass"))
        return target

    @property
    def endings(self) -> tuple[str, ...]:
        """Those of the figure and of the table, and .txt."""
        return (*super().endings, ".txt")

    def _repr_png_(self) -> None:
        """None: a notebook shows the table, whose texts can be copied."""


def _table(title: str, prompt: str, cells: Sequence[Cell]) -> Table:
    """Epochs down, temperatures across; each text begins with the prompt."""
    columns: dict[str, Format] = {"epoch": lambda row: str(row["epoch"]) if row["number"] == 0 else ""}
    columns |= {f"temperature {cell.sample.temperature:g}": "" for cell in cells}
    rows = []
    for epoch in dict.fromkeys(cell.epoch for cell in cells):
        texts: dict[str, list[str]] = {}
        for cell in (cell for cell in cells if cell.epoch == epoch):
            texts.setdefault(f"temperature {cell.sample.temperature:g}", []).append(cell.shown(prompt))
        for number, across in enumerate(zip(*texts.values(), strict=True)):
            rows.append({"epoch": epoch, "number": number, **dict(zip(texts, across, strict=True))})
    return Table(title, columns, rows)


def _figure(prompt: str, cells: Sequence[Cell], count: int, title: str) -> "Figure":
    """A row for each epoch and number of a text, a column for each temperature."""
    from genmodels.figures.texts import TextCell, text_figure

    epochs = list(dict.fromkeys(cell.epoch for cell in cells))
    rows, labels = [], []
    for epoch in epochs:
        of_epoch = [cell for cell in cells if cell.epoch == epoch]
        for number in range(count):
            across = of_epoch[number::count]
            rows.append([
                TextCell(prompt, cell.sample.text, "" if cell.quality is None else in_short(cell.quality))
                for cell in across
            ])  # fmt: skip
            labels.append(f"epoch {epoch}" + (f"\ntext {number + 1}" if count > 1 else ""))
    temperatures = [cell.sample.temperature for cell in cells if cell.epoch == epochs[0]][::count]
    heads = [f"T = {temperature:g}" for temperature in temperatures]
    blank = any(not cell.sample.text.strip() for cell in cells)
    return text_figure(rows, labels, heads, title, _sentence(epochs, temperatures) + (BLANK if blank else ""))


def _sentence(epochs: Sequence[float], temperatures: Sequence[float]) -> str:
    """What T is, what is in bold, and which way to read."""
    down = f"down from epoch {epochs[0]} to {epochs[-1]}" if len(epochs) > 1 else ""
    across = f"across from T = {temperatures[0]:g} to {temperatures[-1]:g}" if len(temperatures) > 1 else ""
    ways = " and ".join(filter(None, (down, across)))
    return (
        "T is the temperature: the network's logits are divided by it before each draw, so a low T keeps to "
        "what is likely and a high one takes chances. In bold: the prompt."
        + (f" All texts have the same random numbers: read {ways}." if ways else "")
    )


def sheet_of(
    run: Run,
    prompt: Prompt | None,
    how: SampleSettings,
    *,
    epochs: Epochs | None,
    unknown: str,
    judge: bool,
    device: str,
) -> TextSheet:
    """Texts of some epochs; see `TextRun.sheet`."""
    authors, phrase = _authors(run, prompt, epochs, unknown, device)
    written: list[tuple[Author, Sample]] = []
    for author in authors:
        with run.teller.counting(f"epoch {author.epoch} writes", how.length) as advance:
            written += [(author, sample) for sample in author.writer.write(phrase, how, unknown, advance)]
    if not judge:
        return TextSheet.of(run, phrase, how, [Cell(author.epoch, sample) for author, sample in written], [])
    qualities, remarks = _judged(run, open_judge(run, None, device), phrase, written)
    cells = [Cell(author.epoch, sample, q) for (author, sample), q in zip(written, qualities, strict=True)]
    return TextSheet.of(run, phrase, how, cells, remarks)


def streamed(
    run: Run, prompt: Prompt | None, how: SampleSettings, *, epoch: Epoch | None, unknown: str, device: str
) -> tuple[str, Iterator[bytes]]:
    """One text as it is written; see `TextRun.stream`."""
    (author,), phrase = _authors(run, prompt, None if epoch is None else [epoch], unknown, device)
    return phrase, author.writer.stream(phrase, how, unknown)


def _authors(
    run: Run, prompt: Prompt | None, epochs: Epochs | None, unknown: str, device: str
) -> tuple[list[Author], str]:
    """Who writes, and from which prompt."""
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    checkpoints = run.epoch_checkpoints(epochs)
    given = None if prompt is None else read_prompt(prompt)
    authors = [open_author(checkpoint, device) for checkpoint in checkpoints]
    return authors, authors[0].prompt(given, unknown, run.teller.notice)


def _judged(
    run: Run, judge: Judge, prompt: str, samples: "Sequence[tuple[Author, Sample]]"
) -> "tuple[list[TextQuality], list[str]]":
    """The samples' statistics, and those of as much held-out text in a sentence.

    Raises:
        DataError: a sample is empty.
    """
    if not all(sample.text for _, sample in samples):
        raise DataError("an empty text can't be judged", "leave --judge out, or choose another --stop.")
    texts = texts_of(run)
    written = [(sample.symbols, judge.bits_of(sample, prompt, author)) for author, sample in samples]
    length = min(max(len(text) for text, _ in written), len(texts.held_out))
    qualities, control = judge_all(texts, written, judge, length)
    of = f"{counted(length, texts.vocabulary.symbol)} of held-out text"
    told = f"{of}: {in_short(control)} (by epoch {judge.author.epoch}, as all)"
    return qualities, [*why_no_words(qualities), told]
