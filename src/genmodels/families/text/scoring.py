"""How well a run predicts a text, by named protocols, beside what guessing and counting reach."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.run import Run
from genmodels.families.text.splits import name_of, read_in, recorded_splits, tell_learned
from genmodels.runs import Epochs
from genmodels.settings.fields import check_choice
from genmodels.settings.text import UNKNOWN_CHARACTERS
from genmodels.telling import Advance, Teller, counted

if TYPE_CHECKING:
    from genmodels.data.text.streams import Split
    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.models.stored import LoadedText

FEW = 1_000  # characters; a mean over fewer is uncertain by some 0.05 nats and more
PROTOCOLS = ("carried", "windows")
MEASURES: Mapping[str, str] = dict.fromkeys(("nll", "bits_per_char", "perplexity", "accuracy"), "short")
COLUMNS: Mapping[str, Format] = {"epoch": "", "protocol": "", "characters": ",", **MEASURES}
PREDICTED = (
    "characters that were predicted and are measured: carried all but the text's first, windows those of whole windows "
    "of 256, guessing and counting all"
)


@dataclass(frozen=True)
class Scores:
    """What was found, by the names used in ``--json``.

    Args:
        run: whose epochs were measured.
        text: what was scored; None: the run's validation text.
        results: one for each epoch and protocol, then the baselines.
    """

    run: str
    text: str | None
    results: Sequence[Row]


def scores_of(
    run: Run,
    file: str | Path | None,
    text: str | None,
    *,
    epochs: Epochs | None,
    protocol: str | None,
    baselines: bool,
    encoding: str,
    unknown: str,
    device: str,
) -> Exhibit:
    """How well a run predicts a text; see `TextRun.score`."""
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    if protocol is not None:
        check_choice("--protocol", protocol, PROTOCOLS)
    checkpoints = run.epoch_checkpoints(epochs)
    from genmodels.device import choose_device
    from genmodels.models.stored import load_text

    where = choose_device(device).device
    protocols = PROTOCOLS if protocol is None else (protocol,)
    results: list[Row] = []
    split = None
    for checkpoint in checkpoints:
        loaded = load_text(checkpoint, where)
        if split is None:  # read once: every epoch of a run has the same vocabulary
            split = _text_to_score(run, file, text, loaded.vocabulary, encoding, unknown)
        with run.teller.counting(f"epoch {loaded.epoch} reads", len(protocols) * len(split)) as advance:
            results += [_measured(loaded, split, name, advance) for name in protocols]
    assert split is not None
    remarks = _few_told(results)
    if baselines:
        results += _of_baselines(run, split)
    named = name_of(file, text)
    title = f"{run.name} on {named or 'its validation text'}"
    facts = vars(Scores(str(run.path), named, results))
    table = Table(title, COLUMNS, results, {"characters": "predicted"}, legend={"characters": PREDICTED})
    return Exhibit("scores", title, facts, [table], leads="table", remarks=remarks)


def _few_told(results: Sequence[Row]) -> list[str]:
    """That the numbers say little, where they are of few characters."""
    most = max(int(row["characters"]) for row in results)
    return [f"{counted(most, 'character')} predicted: so few hardly tell how well it predicts"] if most < FEW else []


def _measured(loaded: "LoadedText", split: "Split", protocol: str, advance: Advance) -> Row:
    from genmodels.analysis.text_likelihood import evaluate_text

    measures = evaluate_text(loaded.model, split, protocol, advance=advance)
    facts = {"epoch": loaded.epoch, "protocol": protocol, "characters": measures.characters}
    return facts | measures.to_record()


def _text_to_score(
    run: Run, file: str | Path | None, text: str | None, vocabulary: "Vocabulary", encoding: str, unknown: str
) -> "Split":
    """The text in the run's vocabulary, or the run's own validation text."""
    from genmodels.data.text.streams import Split

    if file is None and text is None:
        return recorded_splits(run)[1]
    corpus = read_in(vocabulary, file, text, encoding=encoding, unknown=unknown, teller=run.teller)
    tell_learned(run, corpus, str(name_of(file, text)))
    return Split(corpus, 0, corpus.length)


def _of_baselines(run: Run, split: "Split") -> list[Row]:
    """What is reached without a network, counted on the run's training text; the name stands for the epoch."""
    scores = baselines_on(recorded_splits(run)[0], split, run.teller)
    return [
        {"epoch": name, "protocol": "-", "characters": len(split)}
        | {"nll": nll, "bits_per_char": nll / math.log(2.0), "perplexity": math.exp(nll)}
        for name, nll in scores.items()
    ]


def baselines_on(train: "Split", scored: "Split", teller: Teller) -> dict[str, float]:
    """What guessing and counting reach: nats per character by name, counted on one part and scored on another."""
    from genmodels.analysis.baselines import MOST_COUNTED, score_baselines

    begin = max(train.start, train.stop - MOST_COUNTED)
    if begin > train.start:
        teller.notice(f"the baselines count the last {MOST_COUNTED:,} of {len(train):,} characters of training text")
    counted, read = train.corpus.read(begin, train.stop), scored.corpus.read(scored.start, scored.stop)
    return score_baselines(counted, read, len(scored.corpus.vocabulary), teller.counting)
