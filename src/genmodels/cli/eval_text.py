"""eval-text: how well a run predicts a text."""

import math
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.judging import baselines_on
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import check_unknown, parse_epochs
from genmodels.cli.tables import TEXT_MEASURES, short, show_table
from genmodels.durable import to_json
from genmodels.errors import UsageError
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    from genmodels.data.text.streams import Split
    from genmodels.data.text.vocabulary import Vocabulary


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-text")(eval_text)


def eval_text(
    file: Annotated[
        str | None,
        typer.Argument(help="A text file, or - for stdin.", show_default="the run's validation text"),
    ] = None,
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    protocol: Annotated[
        str | None,
        typer.Option(help="carried (state through the text) or windows (256 from empty).", show_default="both"),
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Add what guessing and counting reach: uniform, unigram, 5-gram.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Encoding of the file.")] = "utf-8",
    unknown: Annotated[str, typer.Option(help="Unknown characters in the file: error or skip.")] = "error",
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Measure how well a run predicts a text: nats and bits per character, perplexity, accuracy.

    "carried" reads the whole text with one state; "windows" scores 256 characters from an empty state, as
    nanoGPT does. Never compare figures of different protocols.

    Examples:

      genmodels eval-text

      genmodels eval-text --baselines

      genmodels eval-text other.txt --epochs 1,20 --protocol windows --json
    """
    del debug
    check_unknown(unknown)
    found = find_run(runs, run, "text")
    asked = parse_epochs(epochs) if epochs is not None else [None]
    protocols = _protocols(protocol)
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.device import choose_device
    from genmodels.models.stored import load_model

    where = choose_device(device).device
    results, split = [], None
    for checkpoint in checkpoints:
        loaded = load_model(checkpoint, where)
        if split is None:  # read once: every epoch of a run has the same vocabulary
            split = _text_to_score(found, file, loaded.vocabulary, encoding, unknown)
        for name in protocols:
            measures = evaluate_text(loaded.model, split, name)
            facts = {"epoch": loaded.state["epoch"], "protocol": name, "characters": measures.characters}
            results.append(facts | measures.to_record())
    assert split is not None
    if baselines:
        results += _baselines(found, split)
    if json:
        write_result(to_json({"run": str(found.path), "text": file, "results": results}).decode().rstrip())
        return
    headings = ["epoch", "protocol", "characters", *TEXT_MEASURES]
    rows = [[_cell(r.get(h), h) for h in headings] for r in results]
    show_table(f"{found.name} on {file or 'its validation text'}", headings, rows, sys.stdout)


def _baselines(run: RunDir, split: "Split") -> list[dict[str, Any]]:
    """What is reached without a network, counted on the run's training text; the name stands for the epoch."""
    from genmodels.training.language_model import recorded_splits

    scores = baselines_on(recorded_splits(run)[0], split)
    return [
        {"epoch": name, "protocol": "-", "characters": len(split)}
        | {"nll": nll, "bits_per_char": nll / math.log(2.0), "perplexity": math.exp(nll)}
        for name, nll in scores.items()
    ]


def _cell(value: object, heading: str) -> str:
    if value is None:
        return "-"
    return short(value) if heading in TEXT_MEASURES and isinstance(value, float) else str(value)


def _protocols(name: str | None) -> list[str]:
    known = ["carried", "windows"]
    if name is not None and name not in known:
        raise UsageError(f"--protocol {name!r} is not known", "use --protocol carried or --protocol windows.")
    return known if name is None else [name]


def _text_to_score(run: RunDir, file: str | None, vocabulary: "Vocabulary", encoding: str, unknown: str) -> "Split":
    """The file in the run's vocabulary, or the run's own validation text."""
    from genmodels.data.text.corpus import HowRead, open_corpus
    from genmodels.data.text.streams import Split
    from genmodels.training.language_model import recorded_splits

    if file is None:
        return recorded_splits(run)[1]
    reading = HowRead(
        encoding=encoding,
        as_bytes=vocabulary.is_bytes,
        vocabulary=vocabulary,
        unknown=unknown,
        max_vocabulary=2**21,
    )
    corpus = open_corpus([file], reading, note)
    return Split(corpus, 0, corpus.length)
