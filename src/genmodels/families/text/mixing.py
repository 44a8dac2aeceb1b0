"""How well a run predicts a text together with an n-gram model: in a table of its own."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from genmodels.errors import DataError
from genmodels.exhibit import Format, Row, Table
from genmodels.families.run import Run
from genmodels.telling import Teller, counted

if TYPE_CHECKING:
    from genmodels.analysis.mixture import Counted
    from genmodels.analysis.text_likelihood import TextMeasures
    from genmodels.data.text.streams import Split
    from genmodels.models.stored import LoadedText

FEWEST_FITTED = 100  # characters that a weight is fitted on
COLUMNS: Mapping[str, Format] = {
    "epoch": "", "order": "", "weight": ".3f", "characters": ",", "nll": "short", "nll_standard_error": "short",
    "bits_per_char": "short", "gain": "short", "gain_standard_error": "short",
}  # fmt: skip
HEADINGS = {
    "characters": "predicted", "nll": "mixed nll", "nll_standard_error": "nll ±", "gain_standard_error": "gain ±",
}  # fmt: skip
LEGEND = {
    "order": "characters in a row that the n-gram model counts",
    "weight": "of the network in p = weight * p_network + (1 - weight) * p_counted, fitted on the last tenth of the "
    "training text, which that n-gram model had not counted yet but the network has learned from: so it leans to the "
    "network",
    "characters": "all but the text's first, read by the carried protocol",
    "nll_standard_error": "standard error, by blocks of the text",
    "gain": "nats per character by which the mixture is better than the network alone",
}


def mixing(run: Run, train: "Split", scored: "Split") -> "Callable[[LoadedText, TextMeasures], Row]":
    """What makes the row of each of a run's epochs, of its network and of what that reaches by the carried protocol.

    Args:
        run: whose networks are mixed with an n-gram model.
        train: its training text, or as much of its end as is counted.
        scored: the text to be scored.

    Raises:
        DataError: the training text is too small to fit a weight on.
    """
    from genmodels.analysis.baselines import HELD_BACK
    from genmodels.analysis.mixture import count_for_mixing

    if len(train) // HELD_BACK < FEWEST_FITTED:
        read = counted(len(train), train.corpus.vocabulary.symbol)
        raise DataError(
            f"{run.path} was trained on {read}, too few to fit a weight of --mix on",
            f"it needs {HELD_BACK * FEWEST_FITTED:,} or more; leave --mix out.",
        )
    counts = count_for_mixing(train, scored, run.teller.counting)
    return partial(_mixed_row, counts=counts, teller=run.teller)


def _mixed_row(loaded: "LoadedText", alone: "TextMeasures", counts: "Counted", teller: Teller) -> Row:
    """What a network and an n-gram model reach together, beside what the network reaches alone."""
    from genmodels.analysis.blocks import standard_error
    from genmodels.analysis.mixture import fitted_weight, mixed
    from genmodels.analysis.text_likelihood import evaluate_text

    fitting = counts.fitting
    with teller.counting(f"epoch {loaded.epoch} reads what its weight is fitted on", len(fitting)) as advance:
        fitted = evaluate_text(loaded.model, fitting, "carried", advance=advance)
    weight = fitted_weight(fitted.losses, counts.of_fitting)
    mixture = mixed(alone.losses, counts.of_scored, weight)
    return {
        "epoch": loaded.epoch,
        "order": counts.order,
        "weight": weight,
        "characters": alone.characters,
        "nll": mixture.nll,
        "nll_standard_error": mixture.standard_error,
        "bits_per_char": mixture.nll / math.log(2.0),
        "gain": float(mixture.gains.mean()),
        "gain_standard_error": standard_error(mixture.gains),
    }


def mixed_table(title: str, rows: Sequence[Row]) -> Table:
    """Mixtures, never in one table with what networks reach alone."""
    return Table(f"{title}, mixed with an n-gram model", COLUMNS, rows, HEADINGS, apart=True, legend=LEGEND)
