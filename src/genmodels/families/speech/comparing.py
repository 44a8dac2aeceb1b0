"""Networks of equal size trained alike, side by side; and a network for each speaker, trained without that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any, ClassVar, cast

from genmodels.errors import DataError, UsageError, did_you_mean
from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families import starting
from genmodels.families.chance import GIVE_OR_TAKE
from genmodels.families.curves import runs_told
from genmodels.families.series import Comparison
from genmodels.families.speech.errors import COLUMNS as PART_COLUMNS
from genmodels.families.speech.errors import errors_headed, groups_table, word_errors
from genmodels.families.speech.measuring import part_told
from genmodels.families.speech.run import MEASURES, SpeechRun
from genmodels.families.starting import opened_set
from genmodels.families.steps import seconds_of
from genmodels.families.summary import time_told
from genmodels.runs.making import check_plain_name
from genmodels.settings import TrainingSettings
from genmodels.settings.fields import check_list, check_within
from genmodels.settings.resolving import Resolved, resolve
from genmodels.settings.speech import SPEECH_MODELS, SpeechSettings, check_middle
from genmodels.telling import Notice, Teller
from genmodels.training.starting import NewRun

if TYPE_CHECKING:
    from genmodels.data.sound.clips import WordSet
    from genmodels.training.averaged import AveragedTask

FEWEST_SPEAKERS = 2
LONGEST_PART = 50  # characters of a speaker's name in that of a run
AVERAGED = ("alone", "known", "word_error_rate", "sequence_accuracy")
LEFT_SURE = {name: f"{name}_standard_error" for name in AVERAGED}
LEFT_COLUMNS: Mapping[str, Format] = {
    "speaker": "", "recordings": ",", **dict.fromkeys(AVERAGED, ".4f"), "seconds": time_told,
    **dict.fromkeys(LEFT_SURE.values(), ".4f"),
}  # fmt: skip
LEFT_HEADINGS = {
    "speaker": "never heard", "alone": "words right, alone", "known": "and known to be one",
    "word_error_rate": "word error rate, utterances",
    "sequence_accuracy": "utterances right", "seconds": "time",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _OnWords(Comparison):
    """Networks that listen, to be trained alike.

    Args:
        dataset: as --dataset says it; None: the built-in voices, or where one goes on, the set where it was.
    """

    dataset: str | None = None

    family: ClassVar[str] = SpeechRun.family

    def resolved(self) -> Resolved:
        """See `Comparison.resolved`."""
        return resolve(SpeechSettings, dict(self.given), self.config, {})

    def open(self, settings: TrainingSettings) -> "WordSet":
        """See `Comparison.open`."""
        from genmodels.device import check_precision, choose_device

        check_precision(settings.precision, choose_device(settings.device).device)
        return cast("WordSet", opened_set(SpeechRun, self.dataset, self.config, settings, self.teller))

    def reopen(self, described: Mapping[str, Any]) -> "WordSet":
        """See `Comparison.reopen`."""
        return SpeechRun.reopen_set(described, self.teller, self.dataset)

    def described(self, opened: "WordSet") -> dict[str, Any]:
        """See `Comparison.described`."""
        return SpeechRun.describe_set(opened)

    def prepared(self, resolved: Resolved, opened: "WordSet", notice: Notice) -> "tuple[NewRun, AveragedTask]":
        """See `Comparison.prepared`."""
        return starting.prepared(self.row, resolved, opened, argv=self.argv, teller=Teller(notice))

    def restore(self, run: SpeechRun, opened: "WordSet", notice: Notice) -> "AveragedTask":
        """See `Comparison.restore`."""
        return replace(run, moved=opened).restore(notice, self.given.get("device"))


@dataclass(frozen=True, kw_only=True)
class SpeechComparison(_OnWords):
    """Networks with as many parameters as fit --parameters, to be trained alike on one set.

    Args:
        models: two names or more; window:11 is the model window that sees 11 frames; None: those of the comparison
            that goes on.

    Raises:
        UsageError: fewer than two models, one unknown or twice.
    """

    models: Sequence[str] | None = None

    kind: ClassVar[str] = "models"
    flag: ClassVar[str] = "--compare"
    own: ClassVar[tuple[str, ...]] = ("model", "hidden_size")

    def __post_init__(self) -> None:
        if self.resume is None or self.models is not None:
            members_of(self.models)
        super().__post_init__()

    def resolved(self) -> Resolved:
        """See `Comparison.resolved`; every network is looked at.

        Raises:
            UsageError: one has a size of its own, or is there under two names.
        """
        members = members_of(self.models)
        if self.given.get("window") is not None and all("window" in own for own in members.values()):
            raise UsageError("--compare and --window contradict each other", "leave --window out.")
        found = super().resolved()
        settings = cast("SpeechSettings", found.settings)
        if settings.hidden_size is not None:
            size = settings.hidden_size
            what = f"hidden_size {size} makes networks of different size, and --compare wants equal ones"
            raise UsageError(what, "take it out of the --config file; --parameters sets the size of all.")
        _check_different({name: replace(settings, **own) for name, own in members.items()})
        return found

    def members(self, settings: TrainingSettings, opened: "WordSet") -> dict[str, dict[str, Any]]:
        """Each by its model, and its window where it has one.

        Raises:
            UsageError: one can't be as small.
        """
        from genmodels.models.layers import hidden_size_of

        members = {} if self.models is None else members_of(self.models)
        networks = {name: replace(cast("SpeechSettings", settings), **own) for name, own in members.items()}
        _check_different(networks)
        for one in networks.values():
            hidden_size_of(one, len(opened.words))
        return members

    def result(self, runs: Sequence[SpeechRun], opened: "WordSet") -> Exhibit:
        """What each reads; its remarks are those that stand when it is shown again."""
        found = word_errors([replace(run, moved=opened) for run in runs], device=self.measures_on(runs))
        return replace(found, remarks=self.headed(runs, found.facts).remarks)

    def headed(self, runs: Sequence[SpeechRun], facts: Mapping[str, Any]) -> Exhibit:
        """See `Comparison.headed`."""
        return errors_headed(runs, facts)


def models_tables(title: str, facts: Mapping[str, Any]) -> list[Table]:
    """Every part that was read, and a line for each network."""
    groups = groups_table(facts["groups"])
    sure = f"; {GIVE_OR_TAKE}" if groups.errors else ""  # comparisons of earlier versions have none
    groups = replace(groups, title=f"{facts['data']}: test part, {facts['decode']} decoding{sure}")
    return [Table(title, PART_COLUMNS, facts["results"], shown=False), groups]


def _check_different(networks: Mapping[str, SpeechSettings]) -> None:
    """Refuse one network under two names.

    Raises:
        UsageError: there is such.
    """
    names = list(networks)
    for name, one in networks.items():
        same = next(other for other in names if networks[other] == one)
        if same != name:
            raise UsageError(f"--compare: {same} and {name} are the same network", "leave one of them out.")


def members_of(models: Any) -> dict[str, dict[str, Any]]:
    """The models of a comparison, each with its settings.

    Raises:
        UsageError: fewer than two, one unknown or twice, or frames that are no number or of no window.
    """
    names = check_list("models", models, str)
    asked = ",".join(names)
    members: dict[str, dict[str, Any]] = {}
    for item in (name.strip() for name in names):
        model, colon, frames = item.partition(":")
        if model not in SPEECH_MODELS:
            hint = did_you_mean(model, SPEECH_MODELS) or f"choose among: {', '.join(SPEECH_MODELS)}."
            raise UsageError(f"--compare {asked!r}: there is no model {model!r}", hint, "--compare")
        if colon and (model != "window" or not frames.isdecimal()):
            what = f"--compare {asked!r}: {item!r} is no model"
            raise UsageError(what, "write window:11, or the model's name alone.", "--compare")
        if colon:
            _check_frames(f"--compare {asked!r}", item, int(frames))
        members[item.replace(":", "-")] = {"model": model} | ({"window": int(frames)} if colon else {})
    if len(members) < max(2, len(names)):
        what = f"--compare {asked!r} does not name two or more different models"
        raise UsageError(what, "try --compare window:1,window:21,lstm.", "--compare")
    return members


def _check_frames(told: str, item: str, window: int) -> None:
    """Refuse a window that no network has, by the option with all that it asked for, and the network.

    Raises:
        UsageError: it is such.
    """
    try:
        check_within("--window", SpeechSettings, "window", window)
    except UsageError as error:
        raise UsageError(f"{told}: {error.what}", f"use window:{SpeechSettings.window}.", "--compare") from error
    check_middle(f"{told}: {item}", "window:", window)


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(_OnWords):
    """A network for each speaker, to be trained without that one and to read it."""

    kind: ClassVar[str] = "speakers"
    flag: ClassVar[str] = "--leave-one-out"
    own: ClassVar[tuple[str, ...]] = ("leave_out",)

    def members(self, settings: TrainingSettings, opened: "WordSet") -> dict[str, dict[str, Any]]:
        """Each by the speaker whom it never hears.

        Raises:
            DataError: nobody knows who speaks, or there is one speaker alone.
            UsageError: networks can't be as small.
        """
        from genmodels.models.layers import hidden_size_of

        if opened.speakers is None or len(opened.speakers) < FEWEST_SPEAKERS:
            known = "nobody knows who speaks" if opened.speakers is None else f"only {opened.speakers[0]} speaks"
            raise DataError(f"in {opened.name} {known}, so none can be left out", "choose a set with several speakers.")
        hidden_size_of(cast("SpeechSettings", settings), len(opened.words))
        names = _plain_names(opened.speakers)
        if self.resume is None:
            self.teller.notice(f"{len(names)} trainings, one without each speaker")
        return {plain: {"leave_out": name} for plain, name in zip(names, opened.speakers, strict=True)}

    def result(self, runs: Sequence[SpeechRun], opened: "WordSet") -> Exhibit:
        """What each reads of the speaker whom it never heard."""
        return left_out_table([replace(run, moved=opened) for run in runs], self.measures_on(runs))

    def headed(self, runs: Sequence[SpeechRun], facts: Mapping[str, Any]) -> Exhibit:
        """See `Comparison.headed`."""
        return left_out_headed(runs, facts)


def comparison_of(models: str | None, each_speaker: bool, **asked: Any) -> SpeechComparison | LeaveOneOut:
    """The comparison that a command line asks for; where it asks for none, the one that goes on, of whatever kind.

    Args:
        models: as typed, such as "window:21,lstm", or None.
        each_speaker: whether one without each speaker is asked for.
        asked: what both kinds take.
    """
    if models is not None:
        return SpeechComparison(models=models.split(","), **asked)
    if each_speaker:
        return LeaveOneOut(**asked)
    found = SpeechComparison(**asked)
    return LeaveOneOut(**asked) if found.folder.document()["kind"] == LeaveOneOut.kind else found


def _plain_names(speakers: Sequence[str]) -> list[str]:
    """Speakers' names as names of runs, also where two differ in capitals or in other signs alone."""
    names: list[str] = []
    for speaker in speakers:
        plain = _plain(speaker)
        taken = {name.casefold() for name in names}
        others = (f"{plain}-{number}" for number in count(2))
        names.append(plain if plain.casefold() not in taken else next(o for o in others if o.casefold() not in taken))
    return names


def _plain(speaker: str) -> str:
    """A speaker's name as that of a run, which may not be any."""
    plain = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in speaker)[:LONGEST_PART]
    try:
        check_plain_name(plain)
    except UsageError:
        return f"_{plain}"
    return plain


def speakers_tables(title: str, facts: Mapping[str, Any]) -> list[Table]:
    """A line for each speaker, and the mean."""
    rows = facts["speakers"]
    columns = {name: form for name, form in LEFT_COLUMNS.items() if any(row.get(name) is not None for row in rows)}
    spoken = {name: ".1%" for name in columns if name in {*LEFT_SURE, *LEFT_SURE.values()}}
    errors = {name: error for name, error in LEFT_SURE.items() if error in columns}
    return [Table(title, columns, rows, LEFT_HEADINGS, spoken=spoken, errors=errors)]


def left_out_table(runs: Sequence[SpeechRun], device: str = "auto") -> Exhibit:
    """What each network reads of the speaker that it never heard.

    Args:
        runs: each trained without a speaker.
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UsageError: one was trained with all of them.
    """
    for run in runs:
        if run.setting("leave_out") is None:
            raise UsageError(f"{run.path} was trained with every speaker", "train it with --leave-out SPEAKER.")
    lengths = range(1, max(int(run.setting("longest")) for run in runs) + 1)
    errors = word_errors(runs, lengths, device=device)
    rows = []
    for run, network in zip(runs, errors.facts["networks"], strict=True):
        of_it = {row["part"]: row for row in errors.facts["results"] if row["run"] == network["run"]}
        usual = part_told(lengths, network["lengths_count"].removesuffix("s"))
        read = _of_speaker(of_it["alone"], of_it.get("alone, known to be one", {}), of_it[usual])
        rows.append({
            "speaker": run.setting("leave_out"), "recordings": of_it["alone"]["utterances"], **read,
            "seconds": seconds_of(run), "run": network["run"],
        })  # fmt: skip
    rows.append({"speaker": "mean"} | _over_speakers(rows))
    title = (
        f"{errors.facts['data']}: each speaker read by a network that never heard that voice; {GIVE_OR_TAKE}: of the "
        "mean over the speakers"
    )
    facts = {"speakers": rows, **errors.facts}
    return replace(left_out_headed(runs, facts), tables=speakers_tables(title, facts), draw=errors.draw)


def left_out_headed(runs: Sequence[SpeechRun], facts: Mapping[str, Any]) -> Exhibit:
    """Name, title and remarks of what each network reads of the speaker that it never heard."""
    title = f"Word errors of {runs_told(runs)}, each on the speaker of {facts['data']} that it never heard"
    return replace(errors_headed(runs, facts), name="leave-one-out", title=title)


def _of_speaker(alone: Row, known: Row, together: Row) -> dict[str, Any]:
    """What was read of a speaker: recordings alone, alone and known to be one word, composed utterances."""
    right = "sequence_accuracy"
    found = {"alone": (alone, right), "known": (known, right), **{name: (together, name) for name in MEASURES}}
    values = {name: row.get(measure) for name, (row, measure) in found.items()}
    return values | {LEFT_SURE[name]: row.get(f"{measure}_standard_error") for name, (row, measure) in found.items()}


def _over_speakers(rows: Sequence[Row]) -> dict[str, float | None]:
    """The means over the speakers of whom something is known, and their standard errors over the speakers."""
    found: dict[str, float | None] = {}
    for name, error in LEFT_SURE.items():
        values = [float(row[name]) for row in rows if row[name] is not None]
        found[name] = mean(values) if values else None
        found[error] = stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return found
