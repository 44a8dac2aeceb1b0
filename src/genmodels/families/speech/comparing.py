"""Networks of equal size trained alike, side by side; and a network for each speaker, trained without that one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, cast

from genmodels.errors import DataError, UsageError, did_you_mean
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.series import Series, usual_prefix
from genmodels.families.speech.errors import word_errors
from genmodels.families.speech.measuring import part_told
from genmodels.families.speech.run import SpeechRun
from genmodels.families.starting import opened_set
from genmodels.family import family_of
from genmodels.settings.fields import check_list
from genmodels.settings.resolving import resolve
from genmodels.settings.speech import SPEECH_MODELS, SpeechSettings
from genmodels.telling import Teller
from genmodels.training.reporting import QuietReporter, Reporter

if TYPE_CHECKING:
    from genmodels.data.sound.clips import WordSet

FEWEST_SPEAKERS = 2
LEFT_OUT = "leave-one-out"  # the result's name
AVERAGED = ("alone", "known", "word_error_rate", "sequence_accuracy")
LEFT_COLUMNS: Mapping[str, Format] = {
    "speaker": "", "recordings": ",", **dict.fromkeys(AVERAGED, ".4f"), "run": ""
}  # fmt: skip
LEFT_HEADINGS = {
    "speaker": "never heard", "alone": "words right, alone", "known": "and known to be one",
    "word_error_rate": "word error rate, utterances",
    "sequence_accuracy": "utterances right",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Trainings:
    """What several trainings have in common.

    Args:
        dataset: as --dataset says it; None: the built-in voices.
        given: settings by name, which beat those of `config`.
        config: a TOML file or a run.json, or None.
        name: first part of the runs' names; None: one from the time.
        resume: that of earlier ones to go on with, or None.
        runs: folder where they are made.
        argv: the command line that begins them, for run.json.
        reporter_of: makes who is told what happens, one for each training.
        teller: who is told what happens while they are measured.
    """

    dataset: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    name: str | None = None
    resume: str | None = None
    runs: Path = Path("runs")
    argv: Sequence[str] = ()
    reporter_of: Callable[[], Reporter] = QuietReporter
    teller: Teller = field(default_factory=Teller)

    def settings(self) -> SpeechSettings:
        """Those common to all.

        Raises:
            UsageError: one is out of range.
        """
        return cast("SpeechSettings", resolve(SpeechSettings, dict(self.given), self.config, {}).settings)

    def open(self) -> "WordSet":
        """The set; the device is looked at first, which costs less.

        Raises:
            DataError, ResourceError: it is not there; the device is missing.
        """
        from genmodels.device import check_precision, choose_device

        settings = self.settings()
        check_precision(settings.precision, choose_device(settings.device).device)
        notice = self.reporter_of().notice
        return cast("WordSet", opened_set(SpeechRun, self.dataset, self.config, settings, notice))

    def series(self, what: str, members: Mapping[str, Mapping[str, Any]], opened: Any) -> Series:
        """The trainings, one for each member."""
        prefix = next(name for name in (self.resume, self.name, usual_prefix(what)) if name is not None)
        return Series(
            family=family_of(SpeechRun.family), prefix=prefix, members=members, opened=opened, given=self.given,
            config=self.config, resumed=self.resume is not None, runs=self.runs, argv=tuple(self.argv),
            reporter_of=self.reporter_of,
        )  # fmt: skip


def compare(models: Sequence[str], trainings: Trainings) -> tuple[str, Exhibit]:
    """Train each model, and set side by side what they read; every one has as many parameters as fit --parameters.

    Args:
        models: two names or more; window:11 is the model window that sees 11 frames.
        trainings: what they have in common.

    Returns:
        The first part of the runs' names, and the result.

    Raises:
        UsageError: fewer than two models, one unknown, twice, or too large; a name is taken, or a resumed run has other
            settings. All this before any is trained.
        Stopped, DivergedError, ResourceError: see `genmodels.training.loop.fit`.
    """
    from genmodels.models.layers import hidden_size_of

    members = members_of(models)
    for setting in ("model", "window", "hidden_size"):
        if trainings.given.get(setting) is not None and (setting != "window" or all(":" in name for name in models)):
            flag = f"--{setting.replace('_', '-')}"
            raise UsageError(f"--compare and {flag} contradict each other", f"leave {flag} out.")
    series = trainings.series("compare", members, None)
    series.check_names()
    settings = {name: cast("SpeechSettings", one) for name, one in series.settings().items()}
    _check_alike(settings)
    opened = trainings.open()
    for one in settings.values():
        hidden_size_of(one, len(opened.words))
    trained = replace(series, opened=opened).train()
    runs = [cast("SpeechRun", replace(run, teller=trainings.teller)) for run in trained.values()]
    return series.prefix, word_errors(runs)


def _check_alike(settings: Mapping[str, SpeechSettings]) -> None:
    """Refuse networks of a size of their own, and one network under two names.

    Raises:
        UsageError: there are such.
    """
    for one in settings.values():
        if one.hidden_size is not None:
            what = f"hidden_size {one.hidden_size} makes networks of different size, and --compare wants equal ones"
            raise UsageError(what, "take it out of the --config file; --parameters sets the size of all.")
    names = list(settings)
    for name, one in settings.items():
        same = next(other for other in names if settings[other] == one)
        if same != name:
            raise UsageError(f"--compare: {same} and {name} are the same network", "leave one of them out.")


def members_of(models: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The models of a comparison, each with its settings.

    Raises:
        UsageError: fewer than two, one unknown or twice, or frames that are no number or of no window.
    """
    names = check_list("--compare", models, str)
    asked = ",".join(names)
    members: dict[str, dict[str, Any]] = {}
    for item in (name.strip() for name in names):
        model, colon, frames = item.partition(":")
        if model not in SPEECH_MODELS:
            hint = did_you_mean(model, SPEECH_MODELS) or f"choose among: {', '.join(SPEECH_MODELS)}."
            raise UsageError(f"--compare {asked!r}: there is no model {model!r}", hint)
        if colon and (model != "window" or not frames.isdecimal()):
            raise UsageError(
                f"--compare {asked!r}: {item!r} is no model", "write window:11, or the model's name alone."
            )
        members[item.replace(":", "-")] = {"model": model} | ({"window": int(frames)} if colon else {})
    if len(members) < max(2, len(names)):
        what = f"--compare {asked!r} does not name two or more different models"
        raise UsageError(what, "try --compare window:1,window:21,lstm.")
    return members


def leave_one_out(trainings: Trainings) -> tuple[str, Exhibit]:
    """Train a network without each speaker in turn, and let it read that speaker.

    Returns:
        The first part of the runs' names, and the result.

    Raises:
        UsageError: a name is taken, or a resumed run has other settings.
        DataError: nobody knows who speaks, or there is one speaker alone.
        Stopped, DivergedError, ResourceError: see `genmodels.training.loop.fit`.
    """
    if trainings.given.get("leave_out") is not None:
        raise UsageError("--leave-one-out and --leave-out contradict each other", "give one of them.")
    from genmodels.models.layers import hidden_size_of

    settings, opened = trainings.settings(), trainings.open()
    if opened.speakers is None or len(opened.speakers) < FEWEST_SPEAKERS:
        known = "nobody knows who speaks" if opened.speakers is None else f"only {opened.speakers[0]} speaks"
        raise DataError(f"in {opened.name} {known}, so none can be left out", "choose a set with several speakers.")
    hidden_size_of(settings, len(opened.words))
    names = _plain_names(opened.speakers)
    members = {plain: {"leave_out": name} for plain, name in zip(names, opened.speakers, strict=True)}
    series = trainings.series(LEFT_OUT, members, opened)
    series.check_names()
    trainings.teller.notice(f"{len(members)} trainings, one without each speaker")
    trained = series.train()
    runs = [cast("SpeechRun", replace(run, teller=trainings.teller)) for run in trained.values()]
    return series.prefix, left_out_table(runs)


def _plain_names(speakers: Sequence[str]) -> list[str]:
    """Speakers' names as parts of runs' names, also where two differ in capitals or in other signs alone."""
    names: list[str] = []
    for speaker in speakers:
        plain = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in speaker) or "_"
        taken = {name.casefold() for name in names}
        others = (f"{plain}-{number}" for number in count(2))
        names.append(plain if plain.casefold() not in taken else next(o for o in others if o.casefold() not in taken))
    return names


def left_out_table(runs: Sequence[SpeechRun]) -> Exhibit:
    """What each network reads of the speaker that it never heard.

    Args:
        runs: each trained without a speaker.

    Raises:
        UsageError: one was trained with all of them.
    """
    for run in runs:
        if run.setting("leave_out") is None:
            raise UsageError(f"{run.path} was trained with every speaker", "train it with --leave-out SPEAKER.")
    lengths = range(1, max(int(run.setting("longest")) for run in runs) + 1)
    errors = word_errors(runs, lengths)
    rows = []
    for run, network in zip(runs, errors.facts["networks"], strict=True):
        of_it = {row["part"]: row for row in errors.facts["results"] if row["run"] == network["run"]}
        usual = part_told(lengths, network["lengths_count"].removesuffix("s"))
        alone, known, together = of_it["alone"], of_it.get("alone, known to be one", {}), of_it[usual]
        rows.append({
            "speaker": run.setting("leave_out"), "recordings": alone["utterances"],
            "alone": alone["sequence_accuracy"], "known": known.get("sequence_accuracy"),
            "word_error_rate": together["word_error_rate"], "sequence_accuracy": together["sequence_accuracy"],
            "run": network["run"],
        })  # fmt: skip
    rows.append({"speaker": "mean"} | {name: _mean(rows, name) for name in AVERAGED})
    title = f"{errors.facts['data']}: each speaker read by a network that never heard that voice"
    facts = {"speakers": rows, **errors.facts}
    table = Table(title, LEFT_COLUMNS, rows, LEFT_HEADINGS)
    return Exhibit(LEFT_OUT, title, facts, [table], errors.draw, leads="table")


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """Over the speakers of whom it is known; None where it is known of none."""
    values = [float(row[name]) for row in rows if row[name] is not None]
    return mean(values) if values else None
