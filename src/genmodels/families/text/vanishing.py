"""Why the gradients of networks fade: each step taken apart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import in_many
from genmodels.exhibit import Exhibit, Format, Row, Table, short
from genmodels.families.run import Run
from genmodels.families.steps import standing_apart, too_few_told
from genmodels.families.text.gradients import Subject, asked_for, reach_of, subjects_of, symbols_of, told_of
from genmodels.runs import Epoch
from genmodels.telling import Teller

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.vanishing import Steps

FIGURE, UNTRAINED_FIGURE = "gradients-why", "gradients-why-untrained"
LAG = 50
BY_LAG: Mapping[str, Format] = dict.fromkeys(("run", "model", "state", "lag", "real", "direct", "through", "bound"), "")
WAYS = ("real", "direct", "through", "bound")
HEADINGS = {
    "mean_factor": "mean factor", "near_zero": "below 0.1", "largest_singular_value": "largest σ", "real": "left",
    "direct": "along the state", "through": "through gates",
}  # fmt: skip
LEGEND = {
    "mean_factor": "what a step multiplies the gradient with, unit by unit: tanh' of a tanh network, z of a GRU, f of "
    "an LSTM",
    "near_zero": "the share of those factors that let next to nothing through",
    "largest_singular_value": "the most by which U, which takes the state before into the candidate, stretches a "
    "gradient",
    "real": "the gradient's norm at that distance, as a share of that at distance 0",
    "direct": "what of it comes through those factors alone",
    "through": "all the rest, by way of the gates and the candidate",
    "bound": "what is left in a tanh network at most: largest tanh' times largest σ, step by step",
}


def why_of(
    runs: Sequence[Run],
    *,
    init: bool = False,
    epoch: Epoch | None = None,
    windows: int,
    window: int,
    lags: int | None = None,
    teller: Teller | None = None,
) -> Exhibit:
    """Each step of the gradient's way back, taken apart; arguments and errors as those of `gradients_of`."""
    windows, reach = asked_for(windows), reach_of(window, lags, init, epoch)
    told, init = teller or Teller(), init or not runs
    from genmodels.analysis.vanishing import steps_back

    subjects, beforehand = subjects_of(runs, epoch, init, told.notice), [] if init else standing_apart(runs)
    with told.counting("gradients", windows * len(subjects)) as advance:
        found = [(one, steps_back(one.model, one.text, windows, window, reach, advance)) for one in subjects]
    title = f"Why gradients fade: {told_of(subjects)}"
    lag = min(LAG, reach)
    summary = [_summary(one.name, steps, lag) for one, steps in found]
    rows = [row for one, steps in found for row in _rows(one.name, steps)]
    facts = {"windows": windows, "window": window, "untrained": init, "lag": lag, "results": summary, "lags": rows}
    symbols = symbols_of(subjects)
    over = f"{windows} windows of {window} {in_many(symbols)}"
    shown = {name: "" if name in {"run", "model"} else _number(name) for name in summary[0] if name != "state"}
    table = Table(f"each step of the gradient's way back; medians of {over}, at distance {lag}", shown, summary,
                  HEADINGS, legend=LEGEND)  # fmt: skip
    few = too_few_told({one.name: one.step + one.before for one in subjects if one.step is not None})
    remarks, name = [*filter(None, [few]), *beforehand], UNTRAINED_FIGURE if init else FIGURE
    return Exhibit(name, title, facts, [Table(title, BY_LAG, rows, shown=False), table],
                   lambda title: _figure(found, title, remarks, symbols), remarks=remarks)  # fmt: skip


def _number(name: str) -> Format:
    def shown(row: Row) -> str:
        value = row[name]
        if value is None:
            return "-"
        if name == "near_zero":
            return f"{value:.1%}"
        return short(value) if 1e-3 <= value < 1e4 or value == 0 else f"{value:.1e}"

    return shown


def _at(quartiles: Any, lag: int) -> float | None:
    return None if quartiles is None else float(quartiles[1][lag])


def _summary(name: str, steps: "Steps", lag: int) -> dict[str, Any]:
    return {
        "run": name,
        "model": steps.model,
        "state": steps.state,
        "mean_factor": steps.mean,
        "near_zero": steps.near_zero,
        "largest_singular_value": float(steps.singular_values[0]),
        **{way: _at(getattr(steps, way), lag) for way in WAYS},
    }


def _rows(name: str, steps: "Steps") -> list[dict[str, Any]]:
    facts = {"run": name, "model": steps.model, "state": steps.state}
    return [
        {**facts, "lag": lag, **{way: _at(getattr(steps, way), lag) for way in WAYS}}
        for lag in range(steps.real.shape[1])
    ]


def _figure(
    found: "Sequence[tuple[Subject, Steps]]", title: str, remarks: Sequence[str], symbols: Sequence[str]
) -> "Figure":
    from genmodels.figures.vanishing import WayBack, vanishing_figure

    networks = []
    for one, steps in found:
        ways = {way: getattr(steps, way)[1] for way in WAYS if getattr(steps, way) is not None}
        networks.append(
            WayBack(one.name, steps.model, steps.state, ways, steps.histogram, steps.mean, steps.near_zero,
                    steps.singular_values)
        )  # fmt: skip
    return vanishing_figure(networks, title, remarks, symbols)
