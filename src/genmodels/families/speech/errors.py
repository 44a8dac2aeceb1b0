"""How well runs listen, side by side: tables, and one figure in which runs that differ by their seed alone are one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.chance import GIVE_OR_TAKE, chance_told, ties_told
from genmodels.families.curves import runs_told
from genmodels.families.readings import check_decoder
from genmodels.families.speech.grouping import Member, grouped, without_told
from genmodels.families.speech.measuring import NOISES, SPEAKERS_SHOWN, Asked, Measured, measure_all
from genmodels.families.speech.run import MEASURES, SpeechRun
from genmodels.families.speech.sureness import differences_of, freedom_of_rate, rate_error
from genmodels.families.steps import few_legend, standing_apart, trainings_told
from genmodels.families.summary import time_told
from genmodels.families.unread import unread_told
from genmodels.runs import Record
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_seed
from genmodels.settings.reader import USUAL_DECODER
from genmodels.settings.speech import SpeechSettings, check_clips
from genmodels.telling import Notice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.word_errors import WordErrors
    from genmodels.data.sound.clips import Clips, WordSet
    from genmodels.figures.error_curves import ErrorCurves

MOST_ROWS = 20  # that a screen shows
UTTERANCES_MEASURED, FEWEST_UTTERANCES, MOST_MEASURED = 100, 1, 100_000  # of each length
SURE = {name: f"{name}_standard_error" for name in MEASURES}
COLUMNS: Mapping[str, Format] = {
    "run": "", "model": "", "part": "", "utterances": ",", **dict.fromkeys((*MEASURES, *SURE.values()), ".4f")
}  # fmt: skip
RATES = ("alone", "usual", "longer")
GROUPS_SURE = {name: f"{name}_standard_error" for name in RATES}
GROUP_COLUMNS: Mapping[str, Format] = {
    "network": "", "runs": "", "steps": ",", "seconds": time_told,
    **dict.fromkeys((*RATES, "spread", *GROUPS_SURE.values()), ".4f"),
}  # fmt: skip
IN_PER_CENT: Mapping[str, Format] = dict.fromkeys(
    (*MEASURES, *SURE.values(), *RATES, "spread", *GROUPS_SURE.values()), ".1%"
)
TIED = {"word_error_rate": "word error rates"}  # what is told of differences that are none
GROUP_HEADINGS = {
    "seconds": "time", "alone": "word error rate, words alone", "usual": "utterances as trained on",
    "longer": "longer ones", "spread": "spread of the middle one",
}  # fmt: skip


def word_errors(
    runs: Sequence[SpeechRun],
    lengths: int | Sequence[int] | None = None,
    *,
    utterances: int = UTTERANCES_MEASURED,
    on: str | None = None,
    decode: str = USUAL_DECODER,
    beam_width: int | None = None,
    seed: int = 1,
    device: str = "auto",
) -> Exhibit:
    """Words wrong and utterances right: recordings alone, utterances by length, by noise, by speaker.

    Args:
        runs: one or several, each by its best epoch.
        lengths: words in an utterance; None: 1 to twice the longest that any was trained on.
        utterances: of each length.
        on: another set to listen to, as --dataset says it; None: each run's own test part.
        decode: "greedy", the likeliest path, or "beam", the likeliest reading.
        beam_width: readings that the beam keeps at each step; None: 10.
        seed: of the utterances.
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UsageError: an unknown decoder, a width for one that has none, utterances that can't be composed, or no run.
        RunError: a run has no finished epoch yet.
        DataError: the recordings have changed or are gone, none of them holds a word that the networks know, or a
            network learned from all of them.
    """
    width = check_decoder(decode, beam_width)
    utterances, seed = check_range("--utterances", utterances, FEWEST_UTTERANCES, MOST_MEASURED), check_seed(seed)
    asked = Asked(_lengths_read(runs, lengths), utterances, NOISES, width, seed)
    for run in runs:
        run.epoch_checkpoint(None)
    beforehand = standing_apart(runs)
    from genmodels.device import choose_device

    where, notice = choose_device(device).device, runs[0].teller.notice
    heard = [_heard_by(run, on, notice) for run in runs]
    measured = measure_all(runs, heard, asked, where)
    facts = {"decode": decode, "beam_width": width, "seed": seed, "data": _titles(heard)}
    found = side_by_side(measured, _read_told(runs, facts, on), facts, beforehand)
    return replace(errors_headed(runs, found.facts, on), tables=found.tables, draw=found.draw, remarks=found.remarks)


def errors_headed(runs: Sequence[SpeechRun], facts: Mapping[str, Any], on: str | None = None) -> Exhibit:
    """Name, title and remarks of word errors, now or when they were measured; arguments as those of `word_errors`."""
    epochs = [network["epoch"] for network in facts["networks"]]
    title = f"Word errors of {networks_told(runs, epochs)} on {_read_told(runs, facts, on)}"
    paths = [run.path for run in runs]
    remarks = unread_told(zip(run_names(runs), paths, epochs, strict=True), "word_error_rate", "words")
    remarks += _chance_told(facts)
    return Exhibit("word-errors", title, facts, leads="table", remarks=remarks)


def _chance_told(facts: Mapping[str, Any]) -> list[str]:
    """Which networks composed utterances do not tell apart."""
    return chance_told(_of_composed(facts), "utterances", TIED)


def _of_composed(facts: Mapping[str, Any]) -> list[Record]:
    """What networks differ by on composed utterances; comparisons of earlier versions have nothing on that."""
    return [record for record in facts.get("differences", []) if record["of"] != "alone"]


def _read_told(runs: Sequence[SpeechRun], facts: Mapping[str, Any], on: str | None) -> str:
    """What of which set is read, and how."""
    left = on is None and all(run.setting("leave_out") not in {None, "?"} for run in runs)
    return f"{facts['data']}: {'speakers never heard' if left else 'test part'}, {facts['decode']} decoding"


def networks_told(runs: Sequence[SpeechRun], epochs: Sequence[float]) -> str:
    """What a title calls networks, each by the epoch whose weights it has: of several that is each one's best."""
    return f"{runs[0].titled}, epoch {epochs[0]}," if len(runs) == 1 else runs_told(runs)


def _lengths_read(runs: Sequence[SpeechRun], lengths: int | Sequence[int] | None) -> Sequence[int]:
    """Words in the utterances that are read, ascending.

    Raises:
        UsageError: there is no run, or utterances of such a length can't be composed.
    """
    asked = None if lengths is None else check_clips(lengths)
    if not runs:
        raise UsageError("no run is named", "name one or several.")
    longest = 2 * max(int(run.setting("longest")) for run in runs)
    return range(1, longest + 1) if asked is None else sorted(set(asked))


def _titles(heard: "Sequence[WordSet]") -> str:
    return ", ".join(dict.fromkeys(words.name for words in heard))


def _heard_by(run: SpeechRun, on: str | None, notice: Notice) -> "WordSet":
    """The set that a run's network listens to: with its own words and their numbers, and no clip that it learned from.

    Raises:
        DataError: none of its words is said there, or it learned from all that is.
    """
    if on is None:
        return run.tested_words()
    from genmodels.data.sound.clips import renumbered
    from genmodels.data.sound.sets.opening import open_words
    from genmodels.models.described_listener import describe_listener
    from genmodels.runs.checkpoint import read_checkpoint

    known = describe_listener(read_checkpoint(run.epoch_checkpoint(None))).words
    words = open_words(on, notice, run.teller.counting)
    if words.fingerprint == run.document()["data"].get("fingerprint"):
        return replace(run, moved=words).tested_words()  # its test part: of a speaker left out, or else that of the set
    test = renumbered(words.test, words.words, known)
    if not len(test):
        what = f"{words.name} holds none of the words that {run.path} knows: {', '.join(known)}"
        raise DataError(what, "choose a set with the same words.")
    if len(test) < len(words.test):
        notice(f"{len(words.test) - len(test):,} of {len(words.test):,} clips hold words that {run.path} does not know")
    return replace(words, test=_never_heard(run, test, words.name, notice), words=known)


def _never_heard(run: SpeechRun, test: "Clips", name: str, notice: Notice) -> "Clips":
    """The clips that a run did not learn from, also where its set has grown since or lies under another name.

    Raises:
        DataError: there is none.
    """
    from genmodels.data.sound.clips import not_among

    try:
        learned = run.words().train
    except DataError as error:
        notice(f"{error.what}; so which clips of {name} {run.path} learned from can't be told")
        return test
    unheard = not_among(test, learned)
    if not len(unheard):
        raise DataError(f"{run.path} learned from all test clips of {name}", "choose recordings that it never heard.")
    if len(unheard) < len(test):
        notice(f"left out {len(test) - len(unheard):,} of {len(test):,} test clips: {run.path} learned from them")
    return unheard


def side_by_side(
    measured: Sequence[Measured], title: str, asked: Mapping[str, Any], known: Sequence[str] = ()
) -> Exhibit:
    """Networks and what they read.

    Args:
        measured: each with what it read.
        title: names what they read.
        asked: what else the facts begin with.
        known: sentences on what to know of their runs.
    """
    read, here = [(one.name, one.path, one.about.epoch) for one in measured], {m.name: m.missed for m in measured}
    beforehand = [*known, *unread_told(read, "word_error_rate", "words", here)]
    rows = [row for one in measured for row in one.rows]
    groups = _groups(measured)
    together = [_group_row(label, group) for label, group in groups.items()]
    tables = [_parts_table(measured, rows, title)]
    if len(measured) > 1:
        tables.append(groups_table(together))
    facts = {
        **asked, "networks": [one.facts for one in measured], "results": rows, "groups": together,
        "differences": differences_of(groups),
    }  # fmt: skip

    def draw(title: str) -> "Figure":
        return _figure(measured, title, [*beforehand, *ties_told(_of_composed(facts), TIED)])

    remarks = [*beforehand, *_chance_told(facts)]
    return Exhibit("word-errors", title, facts, tables, draw, leads="table", remarks=remarks)


def _parts_table(measured: Sequence[Measured], rows: Sequence[Record], title: str) -> Table:
    """Every part that was read; where those are many, a person sees the chosen ones."""
    spoken = {name: IN_PER_CENT[name] for name in (*MEASURES, *SURE.values())}
    whole = Table(f"{title}; {GIVE_OR_TAKE}", COLUMNS, rows, spoken=spoken, errors=SURE)
    if len(rows) <= MOST_ROWS:
        return whole
    speakers = len({name for one in measured for name in one.by_speaker})
    some = speakers > 2 * SPEAKERS_SHOWN
    of_speakers = f"the {SPEAKERS_SHOWN} worst and the {SPEAKERS_SHOWN} best of {speakers} speakers; " if some else ""
    short = f"{whole.title}; {of_speakers}--csv and --json have all {len(rows)} rows"
    return replace(whole, title=short, chosen=[row for one in measured for row in one.chosen_rows])


def groups_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """A line for all runs that differ by nothing but their seed."""
    columns = {name: form for name, form in GROUP_COLUMNS.items() if any(row.get(name) is not None for row in rows)}
    errors = {name: error for name, error in GROUPS_SURE.items() if error in columns}
    title = "networks that differ by more than the seed" + (f"; {GIVE_OR_TAKE}" if errors else "")
    spoken, legend = {name: IN_PER_CENT[name] for name in columns if name in IN_PER_CENT}, few_legend(rows)
    return Table(title, columns, rows, GROUP_HEADINGS, apart=True, legend=legend, spoken=spoken, errors=errors)


def _groups(measured: Sequence[Measured]) -> dict[str, list[Measured]]:
    """Runs that differ by nothing but their seed, under a label for all of them."""
    members = [Member(one.name, one.about.settings, one.learned, one) for one in measured]
    return {label: [one.found for one in group] for label, group in grouped(members, _label).items()}


def _label(settings: SpeechSettings) -> str:
    seen = f" of {settings.window} frame{'s' * (settings.window > 1)}" if settings.model == "window" else ""
    return f"{settings.model}{seen}{without_told(settings)}"


def _group_row(label: str, group: Sequence[Measured]) -> Record:
    """Means over a group's runs, and the standard deviation between them."""
    longest = group[0].about.settings.longest
    usual = [n for n in group[0].by_length if n <= longest]
    longer = [n for n in group[0].by_length if n > longest]
    rates = [one.together(usual).word_error_rate for one in group] if usual else []
    read = {"alone": [one.alone.errors for one in group]}
    read |= {name: [one.together(n) for one in group] for name, n in (("usual", usual), ("longer", longer)) if n}
    heard = [one.heard for one in group]
    sure = {GROUPS_SURE[name]: rate_error([*zip(errors, heard, strict=True)]) for name, errors in read.items()}
    return {
        "network": label,
        "runs": len(group),
        "steps": min(one.steps for one in group),
        "seconds": mean(one.seconds for one in group),
        "alone": mean(one.alone.errors.word_error_rate for one in group),
        "usual": mean(rates) if rates else None,
        "spread": stdev(rates) if len(rates) > 1 else None,
        "longer": mean(one.together(longer).word_error_rate for one in group) if longer else None,
        **sure,
    }


def curves_of(label: str, group: Sequence[Measured]) -> "ErrorCurves":
    """A group for the figure."""
    from genmodels.figures.error_curves import ErrorCurves

    first = group[0]
    heard = [(next(iter((one.by_length or one.by_noise).values())), one.heard) for one in group]
    return ErrorCurves(
        label=label,
        runs=len(group),
        unit=first.unit,
        kind=first.about.settings.model,
        longest=first.about.settings.longest,
        by_length={n: [one.by_length[n].word_error_rate for one in group] for n in first.by_length},
        by_noise={level: [one.by_noise[level].word_error_rate for one in group] for level in first.by_noise},
        words_in_noise={level: errors.words for level, errors in first.by_noise.items()},
        words_by_length={n: errors.words for n, errors in first.by_length.items()},
        words_by_speaker={who: errors.words for who, errors in first.by_speaker.items()},
        by_speaker={
            who: [one.by_speaker[who].word_error_rate for one in group if who in one.by_speaker]
            for who in first.by_speaker
        },
        freedom=freedom_of_rate(heard),
        **_sure(group),
    )


def _sure(group: Sequence[Measured]) -> dict[str, dict[Any, float]]:
    """Standard errors of the mean rates, over utterances and over trainings where there are several; 0 of unknown."""

    def of_each(parts: "Sequence[Mapping[Any, WordErrors]]") -> dict[Any, float]:
        heard = [one.heard for one in group]
        return {
            at: rate_error([(part[at], what) for part, what in zip(parts, heard, strict=True) if at in part]) or 0.0
            for at in parts[0]
        }

    return {
        "sure_by_length": of_each([one.by_length for one in group]),
        "sure_by_noise": of_each([one.by_noise for one in group]),
        "sure_by_speaker": of_each([one.by_speaker for one in group]),
    }


def _figure(measured: Sequence[Measured], title: str, remarks: Sequence[str]) -> "Figure":
    from genmodels.figures.word_errors import errors_figure

    words = measured[0].words
    confusions = [one.confusion for one in measured if one.words == words]
    groups = _groups(measured)
    curves = [curves_of(label, group) for label, group in groups.items()]
    told = [*remarks, *(_on_trainings(groups) if len(measured) > 1 else [])]
    return errors_figure(curves, confusions, words, title, told)


def _on_trainings(groups: Mapping[str, Sequence[Measured]]) -> list[str]:
    """What to know before networks are held against each other that were trained too shortly, or unequally long."""
    steps = {label: min(one.steps for one in group) for label, group in groups.items()}
    seconds = {label: mean(one.seconds for one in group) for label, group in groups.items()}
    by_time = all(one.about.settings.minutes is not None for group in groups.values() for one in group)
    return trainings_told(steps, seconds, by_time)
