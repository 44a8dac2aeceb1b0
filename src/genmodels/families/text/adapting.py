"""How well a run predicts a text while it goes on learning from it: in a table of its own."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from genmodels.errors import UsageError
from genmodels.exhibit import Format, Row, Table
from genmodels.families.run import Run
from genmodels.settings.dynamic import DynamicSettings
from genmodels.telling import Teller

if TYPE_CHECKING:
    from genmodels.analysis.text_likelihood import TextMeasures
    from genmodels.data.text.streams import Split
    from genmodels.models.stored import LoadedText

DYNAMIC = "dynamic"  # the protocol
COLUMNS: Mapping[str, Format] = {
    "epoch": "", "rate": "g", "decay": "g", "characters": ",", "nll": "short", "nll_standard_error": "short",
    "bits_per_char": "short", "accuracy": "short", "gain": "short", "gain_standard_error": "short",
}  # fmt: skip
HEADINGS = {
    "characters": "predicted", "nll": "dynamic nll", "nll_standard_error": "nll ±", "gain_standard_error": "gain ±",
}  # fmt: skip
LEGEND = {
    "characters": "all but the text's first; each was predicted before anything was learned from it",
    "nll_standard_error": "standard error, by blocks of the text",
    "gain": "nats per character by which the network that goes on learning is better than the same one by the carried "
    "protocol; its usual rate and decay were chosen on half of one validation text, tiny Shakespeare's",
}


def dynamic_settings(protocol: str | None, rate: float | None, decay: float | None) -> DynamicSettings | None:
    """How a run goes on learning while it is scored; None where it does not.

    Args:
        protocol: that was asked for.
        rate: None: the usual one.
        decay: None: the usual one.

    Raises:
        UsageError: a number out of its range, or one that means nothing to the protocol.
    """
    given = {"dynamic_rate": rate, "dynamic_decay": decay}
    how = DynamicSettings(**{name: value for name, value in given.items() if value is not None})
    if protocol == DYNAMIC:
        return how
    for flag, value in (("--dynamic-rate", rate), ("--dynamic-decay", decay)):
        if value is not None:
            what = f"{flag} {value:g} means nothing without --protocol {DYNAMIC}"
            raise UsageError(what, f"add --protocol {DYNAMIC}.")
    return None


def adapting(
    run: Run, train: "Split", split: "Split", how: DynamicSettings
) -> "Callable[[LoadedText, TextMeasures], Row]":
    """What makes the row of each of a run's epochs, of its network and of what that reaches by the carried protocol.

    Args:
        run: a copy of whose networks learns.
        train: its training text, over which gradients are gathered.
        split: the text to be scored.
        how: they learn.
    """
    return partial(_dynamic_row, train=train, split=split, how=how, teller=run.teller)


def _dynamic_row(
    loaded: "LoadedText", alone: "TextMeasures", train: "Split", split: "Split", how: DynamicSettings, teller: Teller
) -> Row:
    """What a network reaches that goes on learning, beside what it reaches without."""
    from genmodels.analysis.blocks import standard_error
    from genmodels.analysis.dynamic import STRETCH, STRETCHES, evaluate_dynamically, gathered_scales

    with teller.counting(f"epoch {loaded.epoch} gathers gradients", STRETCHES * min(STRETCH, len(train))) as advance:
        scales = gathered_scales(loaded.model, train, advance)
    with teller.counting(f"epoch {loaded.epoch} reads and learns", len(split)) as advance:
        measures = evaluate_dynamically(loaded.model, split, scales, how, advance)
    gains = alone.losses.astype(float) - measures.losses
    return {
        "epoch": loaded.epoch,
        "rate": how.dynamic_rate,
        "decay": how.dynamic_decay,
        "characters": measures.characters,
        **measures.to_record(),
        "nll_standard_error": measures.standard_error,
        "gain": float(gains.mean()),
        "gain_standard_error": standard_error(gains),
    }


def dynamic_table(title: str, rows: Sequence[Row]) -> Table:
    """Networks that went on learning, never in one table with those that did not."""
    return Table(f"{title}, {DYNAMIC} evaluation", COLUMNS, rows, HEADINGS, apart=True, legend=LEGEND)
