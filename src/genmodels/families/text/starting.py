"""A new or resumed text run: corpus, settings fitted to it, model, directory; and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.bytewise import as_read
from genmodels.errors import UsageError, listed
from genmodels.exhibit import Exhibit, Table
from genmodels.families.config_data import recorded_data
from genmodels.families.finetuning import (
    PARENT,
    better_before,
    refuse_another_architecture,
    settings_to_keep,
    take_weights,
)
from genmodels.families.steps import parts_told
from genmodels.families.text.learned import tell_parents_learned
from genmodels.families.text.run import TextRun
from genmodels.families.text.scoring import MEASURES, PROTOCOLS
from genmodels.families.text.splits import taken_told
from genmodels.processes import one_first
from genmodels.runs import RunDir
from genmodels.runs.run_dir import epoch_of
from genmodels.runs.spent import spent_told
from genmodels.settings.resolving import Resolved, resolve
from genmodels.settings.text import TextSettings
from genmodels.telling import Counting, Notice, Teller, uncounted
from genmodels.training import starting
from genmodels.training.beginnings import NOTHING_TO_LEARN
from genmodels.training.stopping import preparing

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus, HowRead
    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.training.language_model import LanguageModelTask

ANY_TEXT = "*.txt"  # which files of a folder, unless told otherwise


@dataclass(frozen=True)
class OpenText:
    """A corpus and how it was read.

    Args:
        corpus: its ids and vocabulary.
        reading: how files became text.
        glob: which files of a folder.
    """

    corpus: "Corpus"
    reading: "HowRead"
    glob: str

    def described(self) -> dict[str, Any]:
        """What run.json keeps of it."""
        from genmodels.data.text.recorded import describe_corpus

        return describe_corpus(self.corpus, self.reading, self.glob)


def new_run(
    given: Mapping[str, Any],
    *,
    corpus: Sequence[str] = (),
    text: str | None = None,
    glob: str = ANY_TEXT,
    parent: TextRun | None = None,
    config: Path | None = None,
    name: str | None = None,
    runs: Path,
    argv: Sequence[str] = (),
    notice: Notice,
    counting: Counting = uncounted,
) -> tuple[TextRun, "LanguageModelTask"]:
    """Open the corpus, make the model and then, when all is well, the directory.

    Args:
        given: settings by name, which beat those of `config`, which beat those of `parent`.
        corpus: paths, folders, or "-" for standard input; none and no text: the built-in corpus.
        text: the corpus itself; the run keeps it as one that came through standard input.
        glob: which files of a folder.
        parent: the run whose best weights it starts from.
        config: a TOML file or a run.json, or None.
        name: of the run; None: one from the time.
        runs: folder in which it is made.
        argv: the command line that begins it, for run.json.
        notice: is told what the user should know.
        counting: how far the reading of the corpus is.

    Raises:
        UsageError: a setting is out of range or contradicts the parent, or the name is taken.
        DataError: the corpus is missing, not text, or too small.
        ResourceError: the device is missing, or a folder can't be written.
    """
    with preparing(), one_first():
        starting.check_new_run(runs, name)
        new, task = new_task(
            given, corpus=corpus, text=text, glob=glob, parent=parent, config=config, argv=argv,
            teller=Teller(notice, counting),
        )  # fmt: skip
    made = starting.begin_run(new, task.steps_per_epoch, runs, name)
    return TextRun(made.path, Teller(notice)), task


def new_task(
    given: Mapping[str, Any],
    *,
    corpus: Sequence[str] = (),
    text: str | None = None,
    glob: str = ANY_TEXT,
    parent: TextRun | None = None,
    config: Path | None = None,
    argv: Sequence[str] = (),
    teller: Teller,
) -> tuple[starting.NewRun, "LanguageModelTask"]:
    """The corpus and the model of a run that may begin; arguments and errors as those of `new_run`."""
    recorded_data(config, TextRun.family)  # a run.json of another family has settings that this one lacks
    resolved = settings_of(given, config, parent)
    starting.check_asked(TextRun.family, resolved)
    settings = cast("TextSettings", resolved.settings)
    opened = open_text(corpus, settings, text=text, glob=glob, parent=parent, config=config, teller=teller)
    return prepared(resolved, opened, parent=parent, argv=argv, notice=teller.notice)


def settings_of(given: Mapping[str, Any], config: Path | None, parent: RunDir | None = None) -> Resolved:
    """The settings of a new run, those of the run to start from below the user's own.

    Raises:
        UsageError: one is out of range, or contradicts the run to start from.
    """
    kept = {} if parent is None else settings_to_keep(parent)
    resolved = resolve(TextSettings, dict(given), config, kept)
    settings = cast("TextSettings", resolved.settings)
    if parent is not None:
        refuse_another_architecture(settings, kept, parent)
    if settings.sample_prompt == "":
        raise UsageError("--sample-prompt is empty", "leave it out to use the first words of the validation text.")
    return resolved


def open_text(
    corpus: Sequence[str],
    settings: TextSettings,
    *,
    text: str | None = None,
    glob: str = ANY_TEXT,
    parent: RunDir | None = None,
    config: Path | None = None,
    teller: Teller,
) -> OpenText:
    """The corpus, after the device was looked at, which costs less; arguments as those of `new_run`.

    Where `config` is a run.json and no corpus is given, it is that run's.

    Raises:
        DataError: missing, not text, or empty.
        UsageError: that run's is of other files than `glob`.
        ResourceError: the device is missing.
    """
    from genmodels.data.text.corpus import open_corpus
    from genmodels.data.text.recorded import corpus_again
    from genmodels.device import check_precision, choose_device

    choice = choose_device(settings.device)
    check_precision(settings.precision, choice.device)
    starting.tell_if_busy(settings, choice.device, teller.notice)
    reading, recorded = _reading(settings, parent), recorded_data(config, TextRun.family)
    if recorded is not None and not corpus and text is None:
        if glob not in {ANY_TEXT, recorded.data.get("glob")}:
            what = f"--glob {glob} contradicts --config {config}, whose run has {recorded.data.get('glob')}"
            raise UsageError(what, "leave it out to train on the text of that run, or name a folder too.")
        again, how = recorded.opened(
            lambda data: corpus_again(data, reading, teller.notice), "a corpus beside it is taken instead."
        )
        teller.notice(recorded.taken("the text"))
        return OpenText(again, how, str(recorded.data["glob"]))
    if recorded is not None:
        teller.notice(recorded.passed_over(listed(corpus) if text is None else "the text given"))
    return OpenText(open_corpus(corpus, reading, teller.notice, glob, text, teller.counting), reading, glob)


def _reading(settings: TextSettings, parent: RunDir | None) -> "HowRead":
    """How to read the corpus: with the vocabulary of the run to start from, if there is one."""
    from genmodels.data.text.corpus import HowRead

    vocabulary = None if parent is None or settings.bytes else _vocabulary_of(parent)
    return HowRead(
        encoding=settings.encoding,
        as_bytes=settings.bytes,
        max_vocabulary=settings.max_vocabulary,
        vocabulary=vocabulary,
        extend=vocabulary is not None,
    )


def _vocabulary_of(parent: RunDir) -> "Vocabulary":
    """The vocabulary of the run to start from.

    Raises:
        RunError: no epoch is finished yet, or its checkpoint is damaged.
    """
    from genmodels.models.described import describe
    from genmodels.runs.checkpoint import read_checkpoint

    return describe(read_checkpoint(parent.epoch_checkpoint(None)))[1]


@starting.threads_kept()
def prepared(
    resolved: Resolved,
    opened: OpenText,
    *,
    parent: RunDir | None = None,
    argv: Sequence[str] = (),
    notice: Notice,
) -> tuple[starting.NewRun, "LanguageModelTask"]:
    """A task with a fresh model, or with the weights of `parent`, and all that its run directory begins with.

    Args:
        resolved: the settings asked for.
        opened: what to train on.
        parent: the run to start from.
        argv: the command line that begins it, for run.json.
        notice: is told what the user should know.
    """
    from genmodels.training.language_model import prepare

    settings = cast("TextSettings", resolved.settings)
    fitted = _fitted(settings, opened.corpus, notice)
    task = prepare(fitted, opened.corpus)
    first = {PARENT: None} if parent is None else take_weights(task, parent, notice)
    notice(_start_told(task, opened.corpus))
    if parent is not None:
        tell_parents_learned(parent, task.validation, "the validation text of this run", Teller(notice))
    if task.beginning is NOTHING_TO_LEARN:
        one = f"one single {task.vocabulary.symbol} again and again"
        notice(f"the text to train on is {one}: there is nothing to learn in it")
    document = {
        "data": opened.described(),
        "prompt": task.prompt,
        **first,
    }
    return starting.NewRun(TextRun.family, resolved, fitted, document, argv), task


def _fitted(settings: TextSettings, corpus: "Corpus", notice: Notice) -> TextSettings:
    """The settings in force, fitted to the corpus and the machine."""
    from genmodels.data.text.streams import split_corpus
    from genmodels.training.language_model import fit_to_corpus

    train, _ = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    fitted = fit_to_corpus(settings, train, notice)
    return replace(fitted, threads=fitted.threads or starting.threads_in_force())


def _start_told(task: "LanguageModelTask", corpus: "Corpus") -> str:
    return (
        f"{task.settings.model} with {starting.parameter_count(task.model):,} parameters "
        f"on {task.choice.device} ({task.choice.reason}); "
        f"corpus {taken_told(corpus)}"
    )


def measure_best(
    run: RunDir, task: "LanguageModelTask", counting: Counting = uncounted
) -> tuple[float, dict[str, dict[str, float]]]:
    """The best epoch, and its measures on the validation text by both protocols; the task's model then holds it."""
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.models.weights import load_weights, to_tensors
    from genmodels.runs.checkpoint import read_checkpoint

    best = read_checkpoint(run.epoch_checkpoint(None))
    load_weights(task.model, to_tensors(best.tensors["model"]))
    with counting("the best epoch reads", len(PROTOCOLS) * len(task.measured)) as advance:
        measures = {p: evaluate_text(task.model, task.measured, p, advance=advance).to_record() for p in PROTOCOLS}
    return epoch_of(best.path, best.state), measures


def outcome(run: RunDir, task: "LanguageModelTask", counting: Counting = uncounted) -> Exhibit:
    """Both protocols for the best epoch.

    Args:
        run: that was trained.
        task: that trained it; its model then holds the best weights.
        counting: how far the measuring is.
    """
    epoch, results = measure_best(run, task, counting)
    seconds = float(run.metrics()[-1]["seconds"])  # over all sessions, as lists of runs tell them
    facts = {"run": str(run.path), "best_epoch": epoch, "seconds": round(seconds, 1), "validation": results}
    facts["data"] = taken_facts(run.document()["data"])
    facts |= starting.part_facts(run.document())
    title = f"best epoch {epoch}, {spent_told(run, seconds)}"
    rows = [{"validation": protocol, **measures} for protocol, measures in results.items()]
    table = Table(title, {"validation": "", **MEASURES}, rows)
    remarks = [*better_before(run), *parts_told([run])]
    return as_read(run.document(), Exhibit("outcome", title, facts, [table], remarks=remarks))


def taken_facts(described: Mapping[str, Any]) -> dict[str, Any]:
    """What was taken for a run and what was passed over, by the names used in ``--json``."""
    taken = {name: described.get(name) for name in ("characters", "different")}
    return {"files": described.get("sources"), "passed_over": described.get("passed_over", []), **taken}
