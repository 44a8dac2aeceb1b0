"""Models of equal size, trained alike on one text, in one table and one figure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.errors import GenmodelsError, RunError, UsageError, did_you_mean
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.text import TEXT
from genmodels.families.text.course import curve_of
from genmodels.families.text.run import TextRun
from genmodels.families.text.scoring import baselines_on
from genmodels.families.text.starting import OpenText, begin, measure_best, open_text, settings_of, taken_facts
from genmodels.runs import RunDir, find_run
from genmodels.runs.finding import check_plain_name
from genmodels.settings.fields import check_list
from genmodels.settings.text import TEXT_MODELS, TextSettings
from genmodels.telling import Notice
from genmodels.training import starting
from genmodels.training.reporting import QuietReporter, Reporter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.training.language_model import LanguageModelTask

GRADIENT_WINDOWS, GRADIENT_WINDOW = 64, 200
Row = dict[str, Any]
COLUMNS: Mapping[str, Format] = {
    "model": "", "hidden_size": ",", "parameters": ",", "nll": ".4f", "bits_per_char": ".4f", "windows_nll": ".4f",
    "accuracy": ".4f", "chars_per_second": ",", "half_life": ".1f", "run": "",
}  # fmt: skip
HEADINGS = {
    "hidden_size": "hidden size", "nll": "nats/char", "bits_per_char": "bits/char",
    "windows_nll": "nats/char (windows)", "chars_per_second": "chars/s", "half_life": "gradient half-life",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Models of equal size, to be trained alike on one text.

    Args:
        models: two names or more.
        corpus: paths, folders, or "-" for standard input; none and no text: the built-in corpus.
        text: the corpus itself.
        glob: which files of a folder.
        given: settings by name, which beat those of `config`.
        config: a TOML file or a run.json, or None.
        name: first part of the runs' names; None: one from the time.
        resume: that of an earlier comparison to go on with, or None.
        runs: folder where they are made.
        argv: the command line that begins them, for run.json.
        reporter_of: makes who is told what happens, one for each training.

    Raises:
        UsageError: fewer than two models, one unknown or twice.
    """

    models: Sequence[str]
    corpus: Sequence[str] = ()
    text: str | None = None
    glob: str = "*.txt"
    given: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    name: str | None = None
    resume: str | None = None
    runs: Path = Path("runs")
    argv: Sequence[str] = ()
    reporter_of: Callable[[], Reporter] = QuietReporter
    prefix: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "models", _checked(self.models))
        usual = f"compare-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        prefix = next(name for name in (self.resume, self.name, usual) if name is not None)
        object.__setattr__(self, "prefix", prefix)

    def train(self) -> Exhibit:
        """Train each model, and set what they reach beside the baselines; the curves are drawn by epoch and by time.

        Raises:
            UsageError: a name is taken, or a resumed run has another text or other settings.
            RunError: there is nothing to resume.
            Stopped, DivergedError, ResourceError: see `genmodels.training.loop.fit`.
        """
        self._check_names()
        notice = self.reporter_of().notice
        settings = cast("TextSettings", settings_of(self.given, self.config).settings)
        opened = open_text(self.corpus, settings, text=self.text, glob=self.glob, config=self.config, notice=notice)
        rows = self._train_all(opened, _equal_sizes(settings, self.models, len(opened.corpus.vocabulary)), notice)
        rows += _baselines(settings, opened, notice)
        rows.sort(key=lambda row: float(row["nll"]))
        return self._exhibit(rows, opened)

    def _check_names(self) -> None:
        """New runs need free names; a resumed comparison needs one of its runs."""
        names = [f"{self.prefix}-{model}" for model in self.models]
        if self.resume is None:
            check_plain_name(self.prefix)  # of the figure's file
            for name in names:
                starting.check_new_run(self.runs, name)
        elif not any((self.runs / name).exists() for name in names):
            raise RunError(f"there is no run {names[0]} in {self.runs}", "leave --resume out to begin a comparison.")

    def _train_all(self, opened: OpenText, sizes: Mapping[str, int], notice: Notice) -> list[Row]:
        """Each model in turn; when one is stopped, the user is told which are missing."""
        rows: list[Row] = []
        for model, hidden_size in sizes.items():
            try:
                rows.append(self._train_one(opened, model, hidden_size))
            except GenmodelsError:
                missing = list(sizes)[len(rows) + 1 :]
                if missing:
                    notice(
                        f"not trained yet: {', '.join(missing)}; the same command with --resume {self.prefix} "
                        "in place of --name goes on"
                    )
                raise
        return rows

    def _train_one(self, opened: OpenText, model: str, hidden_size: int) -> Row:
        """One ordinary run, and its line of the table."""
        from statistics import median

        reporter = self.reporter_of()
        run, task = self._open_run(opened, model, hidden_size, reporter.notice)
        starting.train(task, TEXT, starting.plan_of(run, task, task.settings), run, reporter)
        epoch, measures = measure_best(run, task)
        speeds = [record["chars_per_second"] for record in run.metrics() if "chars_per_second" in record]
        return {
            "model": model,
            "run": run.name,
            "hidden_size": hidden_size,
            "parameters": starting.parameter_count(task.model),
            "best_epoch": epoch,
            **{key: measures["carried"][key] for key in ("nll", "bits_per_char", "perplexity", "accuracy")},
            "windows_nll": measures["windows"]["nll"],
            "chars_per_second": round(median(speeds)) if speeds else None,
            "half_life": _half_life(task),
        }

    def _open_run(
        self, opened: OpenText, model: str, hidden_size: int, notice: Notice
    ) -> tuple[RunDir, "LanguageModelTask"]:
        """A new run, or the one that a resumed comparison has already.

        Raises:
            UsageError: that one has another text or other settings.
        """
        name, given = f"{self.prefix}-{model}", {**self.given, "model": model}
        if self.resume is None or not (self.runs / name).exists():
            resolved = settings_of(given, self.config)
            return begin(
                resolved, opened, name=name, runs=self.runs, argv=self.argv, notice=notice, hidden_size=hidden_size
            )
        run = TextRun(find_run(self.runs, name, TextRun.family).path)
        if run.document()["data"].get("fingerprint") != opened.corpus.fingerprint:
            hint = "give the corpus that the comparison began with."
            raise UsageError(f"{run.path} was trained on another text", hint)
        starting.refuse_contradictions(run, given, {}, self.config, besides=("hidden_size",))
        task = run.restore(notice, self.given.get("device"))
        if task.settings.hidden_size != hidden_size:
            wanted = f"{hidden_size} would make the models equal"
            raise UsageError(
                f"{run.path} has {task.settings.hidden_size} hidden units, but {wanted}",
                "give the settings that the comparison began with.",
            )
        return run, task

    def _exhibit(self, rows: Sequence[Row], opened: OpenText) -> Exhibit:
        """The table, which is the result, and the curves."""
        title = f"{self.prefix}: validation text, carried protocol"
        columns = {name: form for name, form in COLUMNS.items() if any(row.get(name) is not None for row in rows)}
        table = Table(title, columns, rows, HEADINGS)
        facts = {"comparison": rows, "data": taken_facts(opened.described())}
        return Exhibit(self.prefix, title, facts, [table], lambda title: self._figure(rows, title), leads="table")

    def _figure(self, rows: Sequence[Row], title: str) -> "Figure":
        """The validation curves beside the baselines."""
        from genmodels.figures.curves import curves_figure

        curves = [
            curve_of(RunDir(self.runs / row["run"]), f"{row['model']} ({row['parameters']:,} parameters)")
            for row in rows
            if "run" in row
        ]
        levels = {row["model"]: float(row["nll"]) for row in rows if "run" not in row}
        return curves_figure(curves, levels, title)


def _checked(names: Sequence[str]) -> list[str]:
    """The models' names.

    Raises:
        UsageError: fewer than two, one unknown or twice.
    """
    asked = ",".join(check_list("--compare", names, str))
    models = [item.strip() for item in names if item.strip()]
    for model in models:
        if model not in TEXT_MODELS:
            hint = did_you_mean(model, TEXT_MODELS) or f"choose among: {', '.join(TEXT_MODELS)}."
            raise UsageError(f"--compare {asked!r}: there is no model {model!r}", hint)
    if len(set(models)) < max(2, len(models)):
        raise UsageError(f"--compare {asked!r} does not name two or more different models", "try --compare rnn,lstm.")
    return models


def _equal_sizes(settings: TextSettings, models: Sequence[str], vocabulary_size: int) -> dict[str, int]:
    """A hidden size for each model, so that all have as many parameters as the default one of the size asked for."""
    from genmodels.models.build_text import count_parameters, matching_hidden_size

    wanted = count_parameters(settings, vocabulary_size)
    return {m: matching_hidden_size(replace(settings, model=m), vocabulary_size, wanted) for m in models}


def _half_life(task: "LanguageModelTask") -> float | None:
    """Of dL_T/dh_t; None without recurrence, or where the validation text is too short to tell."""
    from genmodels.analysis.gradients import fading
    from genmodels.models.recurrent_lm import RecurrentLM

    enough = len(task.validation) >= GRADIENT_WINDOWS + GRADIENT_WINDOW
    if not isinstance(task.model, RecurrentLM) or not enough:
        return None
    lags = GRADIENT_WINDOW - 1
    return fading(task.model, task.validation, GRADIENT_WINDOWS, GRADIENT_WINDOW, lags, lambda _: None)[0].half_life


def _baselines(settings: TextSettings, opened: OpenText, notice: Notice) -> list[Row]:
    """What guessing and counting reach on the same split."""
    from genmodels.data.text.streams import split_corpus

    scores = baselines_on(*split_corpus(opened.corpus, settings.val_fraction, settings.val_limit), notice)
    return [{"model": name, "nll": nll, "bits_per_char": nll / math.log(2.0)} for name, nll in scores.items()]
