"""Networks to look at, trained or untrained, and how far back their losses reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from genmodels.data.text.files import BUILT_IN
from genmodels.errors import RunError, UsageError, in_many, in_turn
from genmodels.exhibit import Exhibit, Format, Row, Table, short
from genmodels.families.curves import short_names
from genmodels.families.run import Run
from genmodels.families.steps import standing_apart, too_few_told
from genmodels.families.text.splits import NAMELESS, recorded_splits, text_called
from genmodels.printable import one_line
from genmodels.runs import Epoch
from genmodels.runs.finding import another_of
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_yes_or_no
from genmodels.settings.text import TextSettings
from genmodels.telling import Notice, Teller, counted
from genmodels.training.beginnings import steps_before

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.gradients import Fading
    from genmodels.data.text.streams import Split
    from genmodels.models.recurrent_lm import RecurrentLM

CELLS = ("rnn", "gru", "lstm")
WINDOWS, WINDOW = 128, 200  # how many, and characters in each
FEWEST_WINDOWS, SHORTEST_WINDOW, FEWEST_LAGS = 64, 2, 2
MOST_LAGS = 120  # unless more are asked for
COLUMNS: Mapping[str, Format] = dict.fromkeys(
    ("run", "model", "quantity", "lag", "lower_quartile", "median", "upper_quartile", "ratio"), ""
)
RATIOS = {"ratio_at_10": "at 10", "ratio_at_50": "at 50", "ratio_at_100": "at 100"}
SYMBOLS = {"hidden": "dL/dh", "cell": "dL/dc"}
LEGEND = {
    "quantity": "of the loss L of a window's last {one}, by the state so many {many} earlier: h is what a network "
    "hands on, c the cell of an LSTM",
    "ratio_at_50": "what is left of it after 50 {many}; the smaller, the less can be learned from so far back",
}
FIGURE, UNTRAINED_FIGURE = "gradients", "gradients-untrained"  # names of files: neither overwrites the other
UNTRAINED = "untrained"  # what networks of no run are called


@dataclass(frozen=True)
class Subject:
    """One network to look at.

    Args:
        name: the run's, or what the legend calls an untrained cell.
        model: recurrent.
        text: where the windows are taken from.
        text_name: what that is called.
        epoch: whose weights the model has; None: it is untrained.
        step: how often they had been updated; None: it is untrained.
        before: and how often in the run from whose weights it began.
    """

    name: str
    model: "RecurrentLM"
    text: "Split"
    text_name: str
    epoch: float | None = None
    step: int | None = None
    before: int = 0


def gradients_of(
    runs: Sequence[Run],
    *,
    init: bool = False,
    epoch: Epoch | None = None,
    windows: int = WINDOWS,
    window: int = WINDOW,
    lags: int | None = None,
    teller: Teller | None = None,
) -> Exhibit:
    """How the gradient of the last character's loss fades with the distance to earlier states.

    Args:
        runs: each is looked at on its own validation text, those without recurrence are left out; none: a fresh rnn,
            gru and lstm are looked at, on the built-in text.
        init: fresh networks like those of the runs, with the weights that their seeds give.
        epoch: whose weights; None: the best one's.
        windows: of the validation text.
        window: characters in each; the loss is that of the last.
        lags: largest distance from the last character; None: 120, or what the window has.
        teller: is told how far it is.

    Raises:
        UsageError: a value out of its range, more lags than the window has, or both `init` and `epoch`.
        RunError: no model has any recurrence, or an epoch was not kept.
        DataError: the validation text is too short.
    """
    windows, reach = asked_for(windows), reach_of(window, lags, init, epoch)
    told, init = teller or Teller(), init or not runs
    from genmodels.analysis.gradients import fading

    subjects, beforehand = subjects_of(runs, epoch, init, told.notice), [] if init else standing_apart(runs)
    with told.counting("gradients", windows * len(subjects)) as advance:
        results = [(s, f) for s in subjects for f in fading(s.model, s.text, windows, window, reach, advance)]
    title = f"How the gradient of the loss fades with distance: {told_of(subjects)}"
    symbols = symbols_of(subjects)
    over = f"{windows} windows of {window} {in_many(symbols)}"
    rows = [row for subject, one in results for row in _rows(subject.name, one)]
    summary = [{"run": s.name, **one.to_record(), "epoch": s.epoch, "step": s.step} for s, one in results]
    few = too_few_told({s.name: s.step + s.before for s in subjects if s.step is not None})
    facts = {"windows": windows, "window": window, "untrained": init, "results": summary, "gradients": rows}
    tables = [Table(title, COLUMNS, rows, shown=False), _summary(summary, over, symbols)]
    remarks, name = [*filter(None, [few]), *beforehand], UNTRAINED_FIGURE if init else FIGURE

    return Exhibit(name, title, facts, tables, partial(_figure, results, over, remarks, symbols), remarks=remarks)


def subjects_of(runs: Sequence[Run], epoch: Epoch | None, init: bool, notice: Notice) -> list[Subject]:
    """The networks to look at; arguments and errors as those of `gradients_of`."""
    return list(_of_runs(recurrent_of(runs, notice), epoch, init) if runs else _fresh_cells(notice))


def symbols_of(subjects: Sequence[Subject]) -> list[str]:
    """What they read one after the other: characters, bytes, or one one and another the other."""
    return list(dict.fromkeys(one.text.corpus.vocabulary.symbol for one in subjects))


def told_of(subjects: Sequence[Subject]) -> str:
    """Which networks on which texts, for a title."""
    names, texts = ([*dict.fromkeys(one)] for one in zip(*((s.name, s.text_name) for s in subjects), strict=True))
    first = subjects[0]
    if first.name == UNTRAINED:
        told = f"{len(subjects)} untrained networks"
    elif len(names) > 1:
        named = short_names(names)
        told = f"untrained networks like those of {named}" if first.epoch is None else named
    else:
        of = f"{first.name} ({first.model.cell})"
        told = f"an untrained network like {of}" if first.epoch is None else f"{of}, epoch {first.epoch}"
    on = texts[0] if len(texts) == 1 else "their own texts"
    return f"{told}, on {on}"


def asked_for(windows: int) -> int:
    """As many windows as were asked for.

    Raises:
        UsageError: too few for quartiles.
    """
    return check_range("--windows", windows, FEWEST_WINDOWS)


def reach_of(window: int, lags: int | None, init: bool, epoch: Epoch | None) -> int:
    """The largest distance that is looked at; arguments as those of `gradients_of`.

    Raises:
        UsageError: a value out of its range, more lags than the window has, or both `init` and `epoch`.
    """
    window = check_range("--window", window, SHORTEST_WINDOW)
    reach = min(MOST_LAGS, window - 1) if lags is None else check_range("--lags", lags, FEWEST_LAGS)
    if reach >= window:
        what = f"--lags {reach} lies beyond the window of {window}"
        raise UsageError(what, f"give --lags {window - 1} or less.", "--lags")
    if check_yes_or_no("--init", init) and epoch is not None:
        raise UsageError(f"--init and --epoch {epoch} contradict each other", "leave one of them out.")
    return reach


def _of_runs(runs: Sequence[Run], epoch: Epoch | None, init: bool) -> Iterator[Subject]:
    """The network of each run, trained or as its seed makes it, on its own validation text.

    Raises:
        RunError: an epoch was not kept.
    """
    import torch

    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.models.stored import load_text
    from genmodels.training.language_model import fresh_model

    for run, name in zip(runs, run_names(runs), strict=True):
        loaded = load_text(run.epoch_checkpoint(epoch), torch.device("cpu"))
        model = fresh_model(loaded.settings, loaded.vocabulary, torch.device("cpu")) if init else loaded.model
        assert isinstance(model, RecurrentLM)
        document = run.document()
        epoch_shown, step = (None, None) if init else (loaded.epoch, int(loaded.state["step"]))
        yield Subject(
            name, model, recorded_splits(run)[1], text_called(document), epoch_shown, step, steps_before(document)
        )


def recurrent_of(runs: Sequence[Run], notice: Notice) -> list[Run]:
    """The runs whose models carry a state.

    Args:
        runs: of language models.
        notice: is told which others are left out.

    Raises:
        RunError: there are others alone.
    """
    found = [run for run in runs if run.setting("model") in CELLS]
    others = [run for run in runs if run not in found]
    if others and not found:
        of = f"the model of {others[0].path} is {others[0].setting('model')}"
        raise RunError(f"{of}, which carries no state from step to step", another_of(others[0], CELLS))
    if others:
        named = in_turn([one_line(run.name) for run in others])
        notice(f"{named} {'is' if len(others) == 1 else 'are'} left out: no state is carried from step to step there")
    return found


def _fresh_cells(notice: Notice) -> Iterator[Subject]:
    """The three cells with default settings, on the built-in corpus."""
    import torch

    from genmodels.data.text.corpus import HowRead, open_corpus
    from genmodels.data.text.streams import split_corpus
    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.training.language_model import fresh_model

    corpus = open_corpus([], HowRead(), notice)
    for cell in CELLS:
        settings = TextSettings(model=cell)
        model = fresh_model(settings, corpus.vocabulary, torch.device("cpu"))
        assert isinstance(model, RecurrentLM)
        text = split_corpus(corpus, settings.val_fraction, settings.val_limit)[1]
        yield Subject(UNTRAINED, model, text, NAMELESS[BUILT_IN])


def _figure(
    results: "Sequence[tuple[Subject, Fading]]", over: str, remarks: Sequence[str], symbols: Sequence[str], title: str
) -> "Figure":
    from genmodels.figures.gradients import FadingCurve, gradient_figure

    curves = [FadingCurve(s.name, one.model, one.quantity, one.quartiles, _trained_told(s)) for s, one in results]
    return gradient_figure(curves, title, over, remarks, symbols)


def _trained_told(subject: Subject) -> str:
    """How long a network was trained; "" where it is untrained."""
    if subject.epoch is None or subject.step is None:
        return ""
    return f"epoch {subject.epoch}, {counted(subject.step, 'step')}"


def _rows(name: str, one: "Fading") -> Iterator[dict[str, Any]]:
    """One line for each lag; the ratio is to lag 1."""
    facts = {"run": name, "model": one.model, "quantity": one.quantity}
    for lag, (lower, median, upper) in enumerate(one.quartiles.T.tolist()):
        levels = {"lower_quartile": lower, "median": median, "upper_quartile": upper}
        yield facts | {"lag": lag, **levels, "ratio": one.ratio(lag)}


def _summary(rows: Sequence[Row], over: str, symbols: Sequence[str]) -> Table:
    """What is left of each gradient at some distances."""
    columns: dict[str, Format] = {"run": "", "model": "", "quantity": lambda row: SYMBOLS[row["quantity"]]}
    columns |= {name: _ratio(name) for name in RATIOS}
    if any(row["step"] is not None for row in rows):
        columns["step"] = ","
    title = f"norm of the gradient at a distance, as a share of that at distance 1; medians of {over}"
    heads = {"quantity": "gradient", "step": "steps", **RATIOS}
    one, many = in_turn(symbols, "or"), in_many(symbols)
    legend = {name: told.format(one=one, many=many) for name, told in LEGEND.items()}
    return Table(title, columns, rows, heads, legend=legend)


def _ratio(name: str) -> Format:
    def shown(row: Row) -> str:
        value = row[name]
        return "-" if value is None else (short(value) if value >= 1e-3 else f"{value:.1e}")

    return shown
