"""How well a run predicts a text, by named protocols, beside what guessing and counting reach."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.run import Run
from genmodels.families.text.adapting import DYNAMIC, adapting, dynamic_table
from genmodels.families.text.learned import tell_ancestors_learned, tell_learned
from genmodels.families.text.mixing import mixed_table, mixing
from genmodels.families.text.splits import name_of, read_in, recorded_splits
from genmodels.runs import Epochs
from genmodels.settings.dynamic import DynamicSettings
from genmodels.settings.fields import check_choice, check_yes_or_no
from genmodels.settings.text import UNKNOWN_CHARACTERS
from genmodels.telling import Teller, counted

if TYPE_CHECKING:
    from genmodels.analysis.baselines import Array
    from genmodels.analysis.text_likelihood import TextMeasures
    from genmodels.data.text.streams import Split
    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.models.stored import LoadedText

FEW = 1_000  # characters; a mean over fewer is uncertain by some 0.05 nats and more
PROTOCOLS = ("carried", "windows")  # by which a network is measured as it is
KNOWN = (*PROTOCOLS, DYNAMIC)
MEASURES: Mapping[str, str] = dict.fromkeys(("nll", "bits_per_char", "perplexity", "accuracy"), "short")
COLUMNS: Mapping[str, Format] = {
    "epoch": "", "protocol": "", "characters": ",", "nll": "short", "nll_standard_error": "short", **MEASURES,
}  # fmt: skip
HEADINGS = {"characters": "predicted", "nll_standard_error": "nll ±"}
LEGEND = {
    "characters": "characters that were predicted and are measured: carried all but the text's first, windows those of "
    "whole windows of 256, guessing and counting all",
    "nll_standard_error": "standard error of nll, by blocks of the text; how two models that err alike differ on one "
    "text is surer",
}
OWN_TABLES: Mapping[str, Callable[[str, Sequence[Row]], Table]] = {"mixed": mixed_table, "dynamic": dynamic_table}


@dataclass(frozen=True)
class Scores:
    """What was found, by the names used in ``--json``.

    Args:
        run: whose epochs were measured.
        text: what was scored; None: the run's validation text.
        results: one for each epoch and protocol, then the baselines.
        mixed: one for each epoch, mixed with an n-gram model; None: that was not asked for.
        dynamic: one for each epoch, by dynamic evaluation; None: that was not asked for.
    """

    run: str
    text: str | None
    results: Sequence[Row]
    mixed: Sequence[Row] | None = None
    dynamic: Sequence[Row] | None = None


def scores_of(
    run: Run,
    file: str | Path | None,
    text: str | None,
    *,
    epochs: Epochs | None,
    protocol: str | None,
    dynamic: DynamicSettings | None,
    mix: bool,
    baselines: bool,
    encoding: str,
    unknown: str,
    device: str,
) -> Exhibit:
    """How well a run predicts a text; see `TextRun.score`."""
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    checkpoints = run.epoch_checkpoints(epochs)
    from genmodels.device import choose_device
    from genmodels.models.stored import load_text

    where = choose_device(device).device
    vocabulary = load_text(checkpoints[0], where).vocabulary  # which every epoch of a run has
    split = _text_to_score(run, file, text, vocabulary, encoding, unknown)
    further = {}
    if check_yes_or_no("--mix", mix):
        further["mixed"] = mixing(run, _counted_part(recorded_splits(run)[0], run.teller), split)
    if dynamic is not None:
        further["dynamic"] = adapting(run, recorded_splits(run)[0], split, dynamic)
    plain = [name for name in PROTOCOLS if protocol in {None, name}]
    rows: dict[str, list[Row]] = {name: [] for name in ("results", *further)}
    for checkpoint in checkpoints:
        loaded = load_text(checkpoint, where)
        measured = _measured(loaded, split, {*plain, *(["carried"] if further else [])}, run.teller)
        rows["results"] += [_row(loaded, name, measured[name]) for name in plain]
        for name, row_of in further.items():
            rows[name].append(row_of(loaded, measured["carried"]))
    rows["results"] += _of_baselines(run, split) if baselines else []
    named = name_of(file, text)
    title = f"{run.name} on {named or 'its validation text'}"
    facts = vars(Scores(str(run.path), named, **rows))
    remarks = _few_told(rows) + (_uniform_told(split) if baselines else [])
    return Exhibit("scores", title, facts, _tables(title, rows), leads="table", remarks=remarks)


def _few_told(rows: Mapping[str, Sequence[Row]]) -> list[str]:
    """That the numbers say little, where they are of few characters."""
    most = max(int(row["characters"]) for each in rows.values() for row in each)
    return [f"{counted(most, 'character')} predicted: so few hardly tell how well it predicts"] if most < FEW else []


def _uniform_told(split: "Split") -> list[str]:
    """Why guessing every character alike costs what it does, where the network knows more than the text has."""
    corpus = split.corpus
    if corpus.vocabulary.is_bytes or (different := corpus.different()) == (known := len(corpus.vocabulary)):
        return []
    return [f"uniform guesses among the {known} characters that the network knows, of which this text has {different}"]


def _tables(title: str, rows: Mapping[str, Sequence[Row]]) -> list[Table]:
    """Networks as they are, where they were measured so; what else was asked for has tables of its own."""
    plain = [Table(title, COLUMNS, rows["results"], HEADINGS, legend=LEGEND)] if rows["results"] else []
    return plain + [table_of(title, rows[name]) for name, table_of in OWN_TABLES.items() if name in rows]


def _measured(loaded: "LoadedText", split: "Split", protocols: set[str], teller: Teller) -> "dict[str, TextMeasures]":
    """A network as it is, by each of some protocols."""
    from genmodels.analysis.text_likelihood import evaluate_text

    with teller.counting(f"epoch {loaded.epoch} reads", len(protocols) * len(split)) as advance:
        return {name: evaluate_text(loaded.model, split, name, advance=advance) for name in sorted(protocols)}


def _row(loaded: "LoadedText", protocol: str, measures: "TextMeasures") -> Row:
    facts = {"epoch": loaded.epoch, "protocol": protocol, "characters": measures.characters}
    return facts | measures.to_record() | {"nll_standard_error": measures.standard_error}


def _text_to_score(
    run: Run, file: str | Path | None, text: str | None, vocabulary: "Vocabulary", encoding: str, unknown: str
) -> "Split":
    """The text in the run's vocabulary, or the run's own validation text."""
    from genmodels.data.text.streams import Split

    if file is None and text is None:
        own = recorded_splits(run)[1]
        tell_ancestors_learned(run, own, "its validation text")
        return own
    corpus = read_in(vocabulary, file, text, encoding=encoding, unknown=unknown, teller=run.teller)
    tell_learned(run, corpus, str(name_of(file, text)))
    return Split(corpus, 0, corpus.length)


def _of_baselines(run: Run, split: "Split") -> list[Row]:
    """What is reached without a network, counted on the run's training text; the name stands for the epoch."""
    losses = baseline_losses(recorded_splits(run)[0], split, run.teller)
    return [_of_baseline(name, of_characters) for name, of_characters in losses.items()]


def _of_baseline(name: str, losses: "Array") -> Row:
    from genmodels.analysis.blocks import standard_error

    nll, error = float(losses.mean()), standard_error(losses)
    facts = {"epoch": name, "protocol": "-", "characters": len(losses), "nll": nll, "nll_standard_error": error}
    return facts | {"bits_per_char": nll / math.log(2.0), "perplexity": math.exp(nll)}


def baseline_losses(train: "Split", scored: "Split", teller: Teller) -> "dict[str, Array]":
    """What guessing and counting make of each character, nats by name: counted on one part and scored on another."""
    from genmodels.analysis.baselines import score_baselines

    part = _counted_part(train, teller)
    ids, read = (one.corpus.read(one.start, one.stop) for one in (part, scored))
    return score_baselines(ids, read, len(scored.corpus.vocabulary), teller.counting)


def _counted_part(train: "Split", teller: Teller) -> "Split":
    """The end of a training text, as much as is counted."""
    from genmodels.analysis.baselines import MOST_COUNTED

    begin = max(train.start, train.stop - MOST_COUNTED)
    if begin > train.start:
        of = f"{len(train):,} {train.corpus.vocabulary.symbol}s of training text"
        teller.notice(f"the baselines count the last {MOST_COUNTED:,} of {of}")
    return replace(train, start=begin)
