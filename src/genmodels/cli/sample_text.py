"""sample-text: one text that streams, or several side by side."""

import codecs
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import is_terminal, note, rich_console, say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import check_unknown, parse_epochs, parse_numbers
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import DataError, UsageError
from genmodels.printable import printable
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    from genmodels.analysis.text_quality import TextQuality
    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.sampling.choosing import SampleSettings
    from genmodels.sampling.writing import Sample, TextWriter


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sample-text")(sample_text)


def sample_text(
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    temp: Annotated[str, typer.Option(help="One or several temperatures; 0 takes the likeliest.")] = "0.75",
    prompt: Annotated[
        str | None,
        typer.Option(help="Text to go on from; - reads stdin.", show_default="the run's seed phrase"),
    ] = None,
    prompt_file: Annotated[Path | None, typer.Option(help="Read the prompt from a file.")] = None,
    length: Annotated[
        int | None, typer.Option(help="Characters to write.", show_default="1000; 300 in a table")
    ] = None,
    count: Annotated[int, typer.Option(help="Texts at each temperature, written in one batch.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same text.")] = 1,
    top_k: Annotated[int | None, typer.Option(help="Draw from the k likeliest only.", show_default="off")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest that sum to p.", show_default="off")
    ] = None,
    min_p: Annotated[
        float | None,
        typer.Option(help="Leave out those less than p times as likely as the best.", show_default="off"),
    ] = None,
    stop: Annotated[str | None, typer.Option(help="End a text before this string.", show_default="off")] = None,
    unknown: Annotated[str, typer.Option(help="Unknown characters in the prompt: error or skip.")] = "error",
    judge: Annotated[
        bool, typer.Option("--judge", help="Add real words, novel 8-grams, longest copy and bits/char to each text.")
    ] = False,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    out: options.Out = None,
    debug: options.Debug = False,
) -> None:
    """Write text with a trained model.

    One text streams as it is written; several epochs or temperatures come side by side from the same prompt.

    Examples:

      genmodels sample-text --temp 1.5

      genmodels sample-text --epochs 1,20 --temp 0.25,0.75,1.5 --prompt "ROMEO:"

      genmodels sample-text --epochs 1,20 --temp 0.25,0.75,1.5 --judge

      genmodels sample-text --count 5 --length 200 --stop "." --json
    """
    del debug
    from genmodels.sampling.choosing import SampleSettings

    temperatures = parse_numbers("--temp", temp)
    asked = parse_epochs(epochs) if epochs is not None else [None]
    check_unknown(unknown)
    alone = len(asked) * len(temperatures) * count == 1
    how = SampleSettings(
        temperature=temperatures,
        length=(1000 if alone else 300) if length is None else length,
        count=count,
        seed=seed,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        stop=stop,
    )
    found = find_run(runs, run, "text")
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    given = _read_prompt(prompt, prompt_file)
    writers = [open_a_writer(checkpoint, device) for checkpoint in checkpoints]
    phrase = _as_known(given, writers[0][0].vocabulary, unknown) if given is not None else str(writers[0][1]["prompt"])
    if alone and not json and not judge and out is None:
        _stream(writers[0][0], phrase, how, unknown)
        return
    cells: list[Cell] = []
    for writer, state in writers:
        samples = writer.write(phrase, how, unknown)
        qualities = _judged(found, writer, samples, state["epoch"]) if judge else [None] * len(samples)
        cells += [Cell(int(state["epoch"]), sample, q) for sample, q in zip(samples, qualities, strict=True)]
    _deliver(found, phrase, how, cells, json, out)


def _read_prompt(prompt: str | None, file: Path | None) -> bytes | None:
    """The prompt given, in UTF-8 or whatever bytes a file holds; None when there is none.

    Raises:
        UsageError: two prompts.
        DataError: an empty prompt, or a file that cannot be read.
    """
    if prompt is not None and file is not None:
        raise UsageError("--prompt and --prompt-file contradict each other", "give one of them.")
    if prompt is None and file is None:
        return None
    try:
        if file is not None:
            raw = file.read_bytes()
        elif prompt == "-":
            raw = sys.stdin.buffer.read()
        else:
            raw = str(prompt).encode("utf-8", "surrogateescape")
    except OSError as error:
        raise DataError(f"--prompt-file {file} cannot be read: {error.strerror}", "check the path.") from error
    if raw == b"":
        raise DataError("the prompt is empty", "leave --prompt out to begin with the run's own seed phrase.")
    return raw


def _as_known(raw: bytes, vocabulary: "Vocabulary", unknown: str) -> str:
    """The prompt as the model reads it: bytes as they are; characters with the corpus's line ends, known ones only.

    Raises:
        DataError: not UTF-8, or unknown characters, unless they are to be skipped; or nothing is left.
    """
    if vocabulary.is_bytes:
        return raw.decode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise DataError(f"the prompt is not UTF-8 at byte {error.start}", "save it as UTF-8.") from error
    known = vocabulary.decode(vocabulary.encode(text, "the prompt", unknown).tolist())
    if len(known) < len(text):
        say(f"note: left out {len(text) - len(known)} characters of the prompt that the run does not know")
    return known


def open_a_writer(checkpoint: Path, device: str) -> tuple["TextWriter", dict[str, Any]]:
    """A checkpoint's writer and its state.json: the lean NumPy step on a CPU; the network itself on another device."""
    if device in {"auto", "cpu"}:
        from genmodels.sampling.writing import open_writer

        return open_writer(checkpoint)
    from genmodels.device import choose_device
    from genmodels.models.stored import load_model
    from genmodels.sampling.torch_step import TorchStep
    from genmodels.sampling.writing import TextWriter

    loaded = load_model(checkpoint, choose_device(device).device)
    return TextWriter(TorchStep(loaded.model), loaded.vocabulary), loaded.state


def _stream(writer: "TextWriter", prompt: str, how: "SampleSettings", unknown: str) -> None:
    """Prompt and text to stdout as they are written: filtered on a terminal, raw bytes into a pipe."""
    pieces = writer.stream(prompt, how, unknown)
    first = next(pieces, b"")  # before anything is printed: an error leaves stdout empty
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(prompt.encode("utf-8", "surrogateescape") + first)
        for number, piece in enumerate(pieces):
            sys.stdout.buffer.write(piece)
            if number % 256 == 0:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    write_result(prompt + decoder.decode(first), end="")
    for piece in pieces:
        write_result(decoder.decode(piece), end="")
    write_result(decoder.decode(b"", final=True))


@dataclass(frozen=True)
class Cell:
    """One text of a sheet.

    Args:
        epoch: whose weights wrote it.
        sample: the text.
        quality: what it is like, if that was asked.
    """

    epoch: int
    sample: "Sample"
    quality: "TextQuality | None"


def _judged(run: RunDir, writer: "TextWriter", samples: list["Sample"], epoch: int) -> list["TextQuality"]:
    """The samples' statistics; those of as much held-out text are told beside them."""
    from genmodels.cli.judging import bits_per_char, in_short, judge_all, texts_of

    texts = texts_of(run, note)
    written = [(s.text, bits_per_char(s.log_probabilities)) for s in samples if s.text]
    if len(written) < len(samples):
        raise DataError("an empty text can't be judged", "leave --judge out, or choose another --stop.")
    length = min(max(len(text) for text, _ in written), len(texts.held_out))
    qualities, control = judge_all(texts, written, writer, length)
    say(f"epoch {epoch}, {length} characters of held-out text: {in_short(control)}")
    return qualities


def _deliver(run: RunDir, prompt: str, how: "SampleSettings", cells: list[Cell], json: bool, out: Path | None) -> None:
    """Several texts: JSON, a table on a terminal, labelled blocks in a pipe or a file; one alone is just text."""
    if json:
        content = to_json(_as_json(run, prompt, how, cells)).decode()
    elif len(cells) == 1 and cells[0].quality is None:
        content = prompt + cells[0].sample.text
    elif out is None and is_terminal(sys.stdout):
        _show_sheet(run, prompt, cells)
        return
    else:
        content = "\n".join(_block(prompt, how.count, number, cell) for number, cell in enumerate(cells))
    if out is None:
        write_result(content, end="")
        return
    data = content.encode("utf-8", "surrogatepass")
    with disk_errors(out):
        if out.exists() and not out.is_file():
            out.write_bytes(data)  # a device or a pipe is written to, not replaced
        else:
            replace_file(out.resolve(), data)
    say(f"wrote {out}")


def _block(prompt: str, count: int, number: int, cell: Cell) -> str:
    which = f", text {number % count + 1}" if count > 1 else ""
    head = f"=== epoch {cell.epoch}, temperature {cell.sample.temperature:g}{which}"
    return f"{head}\n{_text(prompt, cell)}\n"


def _text(prompt: str, cell: Cell) -> str:
    """The prompt and what follows it, with its statistics below."""
    if cell.quality is None:
        return prompt + cell.sample.text
    from genmodels.cli.judging import in_short

    return f"{prompt}{cell.sample.text}\n[{in_short(cell.quality)}]"


def _as_json(run: RunDir, prompt: str, how: "SampleSettings", cells: list[Cell]) -> dict[str, Any]:
    samples = [
        {
            "epoch": cell.epoch,
            "temperature": cell.sample.temperature,
            "text": cell.sample.text,
            "log_probabilities": [round(p, 6) for p in cell.sample.log_probabilities],
            **({} if cell.quality is None else {"quality": cell.quality.to_record()}),
        }
        for cell in cells
    ]
    return {"run": str(run.path), "prompt": prompt, "settings": how.to_mapping(), "samples": samples}


def _show_sheet(run: RunDir, prompt: str, cells: list[Cell]) -> None:
    """Epochs down, temperatures across; each cell begins with the prompt."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    temperatures = list(dict.fromkeys(cell.sample.temperature for cell in cells))
    table = Table(title=Text(printable(f"{run.name}, from {prompt!r}")), box=box.ROUNDED, show_lines=True)
    table.add_column("epoch")
    for temperature in temperatures:
        table.add_column(f"temperature {temperature:g}", ratio=1, overflow="fold")
    for epoch in dict.fromkeys(cell.epoch for cell in cells):
        texts = [
            [_text(prompt, c) for c in cells if c.epoch == epoch and c.sample.temperature == temperature]
            for temperature in temperatures
        ]
        for number, row in enumerate(zip(*texts, strict=True)):
            table.add_row(str(epoch) if number == 0 else "", *(Text(printable(text)) for text in row))
    rich_console(sys.stdout).print(table)
