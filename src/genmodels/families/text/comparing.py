"""Models of equal size, trained alike on one text, in one table and one figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import TYPE_CHECKING, Any, ClassVar, cast

from genmodels.bytewise import PER_BYTE, reads_bytes, table_as_read
from genmodels.chance import errors_of_chance, within_told
from genmodels.errors import UsageError, did_you_mean, in_turn
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.course import course_title, held_out_of
from genmodels.families.curves import data_told, runs_told
from genmodels.families.series import Comparison
from genmodels.families.steps import few_legend, parts_told, seconds_of, steps_of, trainings_told
from genmodels.families.summary import time_told
from genmodels.families.text import starting
from genmodels.families.text.gradients import WINDOW, WINDOWS
from genmodels.families.text.resuming import restored_on
from genmodels.families.text.run import TextRun
from genmodels.families.text.scoring import PROTOCOLS, baseline_losses
from genmodels.families.text.starting import ANY_TEXT, OpenText, open_text, settings_of, taken_facts
from genmodels.runs import Record
from genmodels.settings import TrainingSettings
from genmodels.settings.fields import check_list
from genmodels.settings.resolving import Resolved
from genmodels.settings.text import TEXT_MODELS, TextSettings
from genmodels.telling import Advance, Notice
from genmodels.training.starting import NewRun, parameter_count

if TYPE_CHECKING:
    import numpy as np
    import torch
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.data.text.streams import Split
    from genmodels.models.language_model import LanguageModel
    from genmodels.training.language_model import LanguageModelTask

    Measured = tuple[Record, NDArray[np.floating]]

DISTANCE = 50  # of characters, at which gradients are told
BEHIND = "nll_behind"  # the best one
FAR = f"gradient_at_{DISTANCE}"  # at lag 1 it depends on the read-out more than on the memory
FAR_CELL = f"cell_{FAR}"  # of an LSTM, whose hidden state alone says little of what it keeps
IN_ALL = "chars_per_second_in_all"  # with evaluations; metrics.jsonl has that of updates alone as chars_per_second
FAR_COSTS = 20_000  # characters that are read in about the time that the gradients take
BEHIND_COUNTED = "nll_behind_counted"  # the best one that only counts
SURE = {name: f"{name}_standard_error" for name in ("nll", BEHIND, BEHIND_COUNTED)}
COLUMNS: Mapping[str, Format] = {
    "model": "", "parameters": ",", "nll": ".4f", BEHIND: ".4f", SURE[BEHIND]: ".4f", "accuracy": ".1%", "steps": ",",
    "seconds": time_told, IN_ALL: ",", FAR: ".1e",
}  # fmt: skip
FURTHER = (  # for a spreadsheet alone
    "run", "hidden_size", "best_epoch", "bits_per_char", "perplexity", "windows_nll", SURE["nll"], FAR_CELL,
)  # fmt: skip
HEADINGS = {
    "nll": "nats/char",
    BEHIND: "behind",
    SURE[BEHIND]: "behind ±",
    "seconds": "time",
    IN_ALL: "chars/s",
    FAR: f"gradient at {DISTANCE}",
}
LEGEND = {
    BEHIND: "nats/char more than the best has, ± one standard error, paired by blocks of the text",
    IN_ALL: "characters trained on, divided by the time beside it, which evaluations are part of",
    FAR: f"of a character's loss by the hidden state {DISTANCE} characters before it, as a share of that by the one 1 "
    "before it; little can be learned from what has faded. An LSTM keeps most in its cell, whose own share is "
    f"{FAR_CELL} in --json",
}


@dataclass(frozen=True, kw_only=True)
class TextComparison(Comparison):
    """Models of equal size, to be trained alike on one text.

    Args:
        models: two names or more; None: those of the comparison that goes on.
        corpus: paths, folders, or "-" for standard input; none and no text: the built-in corpus, or where one goes
            on, the text where it was.
        text: the corpus itself.
        glob: which files of a folder.

    Raises:
        UsageError: fewer than two models, one unknown or twice.
    """

    models: Sequence[str] | None = None
    corpus: Sequence[str] = ()
    text: str | None = None
    glob: str = ANY_TEXT

    family: ClassVar[str] = TextRun.family
    kind: ClassVar[str] = "models"
    flag: ClassVar[str] = "--compare"
    own: ClassVar[tuple[str, ...]] = ("model",)

    def __post_init__(self) -> None:
        if self.resume is None or self.models is not None:
            object.__setattr__(self, "models", _checked(self.models))
        super().__post_init__()

    def resolved(self) -> Resolved:
        """See `Comparison.resolved`."""
        return settings_of(self.given, self.config)

    def open(self, settings: TrainingSettings) -> OpenText:
        """See `Comparison.open`."""
        known = cast("TextSettings", settings)
        return open_text(self.corpus, known, text=self.text, glob=self.glob, config=self.config, teller=self.teller)

    def reopen(self, described: Mapping[str, Any]) -> OpenText:
        """See `Comparison.reopen`."""
        from genmodels.data.text.recorded import how_read, reopen_corpus

        if self.glob not in {ANY_TEXT, described.get("glob")}:
            raise UsageError(
                f"--glob {self.glob} contradicts {self.folder.path}, which has {described.get('glob')}",
                "leave it out: a comparison goes on with its own text.",
            )
        corpus = reopen_corpus(dict(described), self.teller.notice, self.corpus, self.text)
        return OpenText(corpus, how_read(dict(described)), str(described["glob"]))

    def described(self, opened: OpenText) -> dict[str, Any]:
        """See `Comparison.described`."""
        return opened.described()

    def members(self, settings: TrainingSettings, opened: OpenText) -> dict[str, dict[str, Any]]:
        """Each with a hidden size that gives all of them as many parameters as the default one of the size asked for.

        Raises:
            UsageError: no size does.
        """
        from genmodels.models.build_text import count_parameters, matching_hidden_size

        base, size = cast("TextSettings", settings), len(opened.corpus.vocabulary)
        wanted = count_parameters(base, size)
        return {
            name: {"model": name, "hidden_size": matching_hidden_size(replace(base, model=name), size, wanted)}
            for name in self.models or ()
        }

    def prepared(self, resolved: Resolved, opened: OpenText, notice: Notice) -> "tuple[NewRun, LanguageModelTask]":
        """See `Comparison.prepared`."""
        return starting.prepared(resolved, opened, argv=self.argv, notice=notice)

    def restore(self, run: TextRun, opened: OpenText, notice: Notice) -> "LanguageModelTask":
        """See `Comparison.restore`."""
        return restored_on(run, opened.corpus, notice, self.given.get("device"))

    def result(self, runs: Sequence[TextRun], opened: OpenText) -> Exhibit:
        """What their best epochs reach beside the baselines, in a table; the curves by epoch and by time."""
        from genmodels.data.text.streams import split_corpus
        from genmodels.device import choose_device

        first = runs[0]
        train, validation = split_corpus(opened.corpus, first.setting("val_fraction"), first.setting("val_limit"))
        device = choose_device(self.measures_on(runs)).device
        each = len(PROTOCOLS) * len(validation) + FAR_COSTS
        with self.teller.counting(f"measuring {len(runs)} models", len(runs) * each) as advance:
            measured = [_measured(run, validation, device, advance) for run in runs]
        for name, losses in baseline_losses(train, validation, self.teller).items():
            read = losses[1:]  # all that a network predicts: the first character has nothing before it
            nll = float(read.mean())
            measured.append(({"model": name, "nll": nll, "bits_per_char": nll / math.log(2.0)}, read))
        rows = _beside_the_best(measured)
        facts = {"comparison": rows, "data": taken_facts(opened.described())}
        facts |= PER_BYTE if reads_bytes(self.folder.document()) else {}
        tables = tables_of(f"{self.folder.name}: validation text, carried protocol", facts)
        return replace(self.headed(runs, facts), tables=tables, draw=lambda title: _figure(runs, rows, title))

    def headed(self, runs: Sequence[TextRun], facts: Mapping[str, Any]) -> Exhibit:
        """See `Comparison.headed`."""
        title = course_title(runs[0].follow("nll").axis, runs_told(runs), data_told(runs))
        remarks = [*_ties_told(facts["comparison"]), *parts_told(runs, "the figure's curves, unlike the table, are")]
        return Exhibit(self.folder.name, title, facts, leads="table", remarks=remarks)


def tables_of(title: str, facts: Mapping[str, Any]) -> list[Table]:
    """The models beside the baselines, the best first: all that is known of them for a spreadsheet, and in short."""
    former = {"chars_per_second": IN_ALL}  # as earlier versions called it
    rows = [{former.get(name, name): value for name, value in row.items()} for row in facts["comparison"]]
    columns = {name: form for name, form in COLUMNS.items() if any(row.get(name) is not None for row in rows)}
    full = Table(title, {**COLUMNS, **dict.fromkeys(FURTHER, "")}, rows, shown=False)
    errors = {BEHIND: SURE[BEHIND]} if SURE[BEHIND] in columns else {}
    in_short = Table(title, columns, rows, HEADINGS, legend=LEGEND | few_legend(rows), errors=errors)
    return [full, table_as_read(in_short) if facts.get("unit") == PER_BYTE["unit"] else in_short]


def _beside_the_best(measured: "Sequence[Measured]") -> list[Record]:
    """The lines of the table, the best first: each with how sure its nats are, and what it is behind the best.

    All have read one text, so what two that err alike differ by, such as networks and a long n-gram, is much surer than
    what each reaches; of those that do not, such as guessing, it is no surer.
    """
    from genmodels.analysis.blocks import blocks_of, standard_error

    ordered = sorted(measured, key=lambda one: float(one[0]["nll"]))
    counted = next((one for one in ordered if "run" not in one[0]), None)
    rows = []
    for row, losses in ordered:
        others = {BEHIND: ordered[0]} | ({BEHIND_COUNTED: counted} if counted is not None and "run" in row else {})
        further: Record = {}
        for name, (other, of_other) in others.items():
            if row is not other:
                behind = losses - of_other
                further |= {name: float(behind.mean()), SURE[name]: standard_error(behind)}
        rows.append({**row, SURE["nll"]: standard_error(losses), "blocks": blocks_of(len(losses)), **further})
    return rows


def _ties_told(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which models can't be told from the best by this text; an error by blocks is that of a few."""
    behind = [row for row in rows if BEHIND in row]  # comparisons of earlier versions have none
    if any(row[SURE[BEHIND]] is None for row in behind):
        return ["the validation text is too short to tell how sure the differences are"]
    tied = [row["model"] for row in behind if _may_be_chance(row, BEHIND, len(behind) + 1)]
    if not tied:
        return []
    near = within_told(_freedom(behind[0]), len(behind) + 1)
    return [f"{in_turn([rows[0]['model'], *tied])} can't be told apart: within {near} of what they differ by"]


def _may_be_chance(row: Mapping[str, Any], behind: str, compared: int) -> bool:
    """Whether what a model is behind one of several may be chance; where that is not known it may."""
    error = row[SURE[behind]]
    return error is None or float(row[behind]) <= errors_of_chance(_freedom(row), compared) * error


def _freedom(row: Mapping[str, Any]) -> int:
    """Degrees of freedom of errors by blocks of a text; 0 where an earlier version did not tell them."""
    return max(0, int(row.get("blocks", 0)) - 1)


def _measured(run: TextRun, validation: "Split", device: "torch.device", advance: Advance) -> "Measured":
    """A run's line of the table, and the nats of each character but the first."""
    from genmodels.analysis.text_likelihood import evaluate_text

    loaded = run.load(run.epoch_checkpoint(None), device)
    found = {protocol: evaluate_text(loaded.model, validation, protocol, advance=advance) for protocol in PROTOCOLS}
    carried, windows = (found[protocol].to_record() for protocol in PROTOCOLS)
    settings, steps, seconds = loaded.settings, steps_of(run), seconds_of(run)
    row = {
        "model": settings.model,
        "run": run.name,
        "hidden_size": settings.hidden_size,
        "parameters": parameter_count(loaded.model),
        "steps": steps,
        "seconds": seconds,
        "best_epoch": loaded.epoch,
        **{name: carried[name] for name in ("nll", "bits_per_char", "perplexity", "accuracy")},
        "windows_nll": windows["nll"],
        IN_ALL: round(steps * settings.batch_size * settings.window / seconds),
        **_far_gradients(loaded.model, validation),
    }
    advance(FAR_COSTS)
    return row, found["carried"].losses


def _far_gradients(model: "LanguageModel", validation: "Split") -> dict[str, float | None]:
    """The norms of dL_T/dh_t, and of an LSTM's dL_T/dc_t, at a distance of 50 characters, as a share of that at 1.

    Windows are those of plot-gradients. None without recurrence, or where the validation text is too short to tell.
    """
    from genmodels.analysis.gradients import fading
    from genmodels.models.recurrent_lm import RecurrentLM

    enough = len(validation) >= WINDOWS + WINDOW
    if not isinstance(model, RecurrentLM) or not enough:
        return {FAR: None}
    found = fading(model, validation, WINDOWS, WINDOW, DISTANCE, lambda _: None)
    return {name: one.ratio(DISTANCE) for name, one in zip((FAR, FAR_CELL), found, strict=False)}


def _figure(runs: Sequence[TextRun], rows: Sequence[Record], title: str) -> "Figure":
    """The validation curves beside the baselines, in the order in which the models were asked for."""
    from genmodels.figures.curves import curves_figure

    row_of = {row["run"]: row for row in rows if "run" in row}
    trained = [row_of[run.name] for run in runs]
    curves = held_out_of([run.follow("nll", row["model"]) for run, row in zip(runs, trained, strict=True)])
    levels = {row["model"]: float(row["nll"]) for row in rows if "run" not in row}
    steps, seconds = ({row["model"]: row[name] for row in trained} for name in ("steps", "seconds"))
    remarks = [
        *_counted_better(rows),
        *_ties_told(rows),
        *parts_told(runs, "the curves are"),
        *trainings_told(steps, seconds, runs[0].setting("minutes") is not None),
        _size_told([row["parameters"] for row in trained]),
    ]
    return curves_figure({runs[0].follow("nll").axis: curves}, title, levels, remarks=remarks)


def _size_told(parameters: Sequence[int]) -> str:
    """How large all of them are, once: they are as good as equal.

    >>> _size_told([534_375, 534_477])
    'the networks have about 530,000 parameters each'
    """
    about = float(f"{mean(parameters):.2g}")
    return f"the networks have about {about:,.0f} parameters each"


def _counted_better(rows: Sequence[Record]) -> list[str]:
    """What to know where counting without a network predicts the text better than networks do.

    >>> lstm = {"model": "lstm", "run": "x", "nll_behind_counted": 0.1, "nll_behind_counted_standard_error": 0.01}
    >>> _counted_better([{"model": "5-gram", "nll": 1.9}, lstm])
    ['5-gram, which only counts, reaches 1.900 and lies below lstm']
    >>> _counted_better([{"model": "5-gram", "nll": 1.9}, lstm | {"nll_behind_counted": 0.01}])
    []
    """
    best = min((row for row in rows if "run" not in row), key=lambda row: float(row["nll"]), default=None)
    behind = [row for row in rows if "run" in row and row.get(BEHIND_COUNTED, 0.0) > 0.0]
    above = [row["model"] for row in behind if not _may_be_chance(row, BEHIND_COUNTED, len(rows))]
    if best is None or not above:
        return []
    return [f"{best['model']}, which only counts, reaches {best['nll']:.3f} and lies below {in_turn(above)}"]


def _checked(names: Any) -> list[str]:
    """The models' names.

    Raises:
        UsageError: fewer than two, one unknown or twice.
    """
    named = check_list("models", names, str)
    asked, models = ",".join(named), [item.strip() for item in named if item.strip()]
    for model in models:
        if model not in TEXT_MODELS:
            hint = did_you_mean(model, TEXT_MODELS) or f"choose among: {', '.join(TEXT_MODELS)}."
            raise UsageError(f"--compare {asked!r}: there is no model {model!r}", hint, "--compare")
    if len(set(models)) < max(2, len(models)):
        what = f"--compare {asked!r} does not name two or more different models"
        raise UsageError(what, "try --compare rnn,lstm.", "--compare")
    return models
