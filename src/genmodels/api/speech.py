"""Networks that listen to spoken words: trained, trained alike, and put side by side."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from genmodels.api.asking import opened_runs
from genmodels.api.comparing import trained
from genmodels.api.told import PathLike, Told, check_names, path_of
from genmodels.api.training import train_on_set
from genmodels.exhibit import Exhibit
from genmodels.families.speech import SPEECH
from genmodels.families.speech.comparing import LeaveOneOut, SpeechComparison
from genmodels.families.speech.context import UTTERANCES_LOOKED_AT, UTTERANCES_READ, context
from genmodels.families.speech.errors import UTTERANCES_MEASURED, word_errors
from genmodels.families.speech.run import SpeechRun
from genmodels.runs.finding import runs_folder
from genmodels.settings.reader import USUAL_DECODER
from genmodels.telling import Notice

if TYPE_CHECKING:
    from genmodels.training.reporting import Reporter


def train_speech(
    dataset: PathLike | None = None,
    *,
    init_from: PathLike | SpeechRun | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> SpeechRun:
    """Train a network that reads spoken words; `genmodels train-speech` in Python.

    Other arguments and errors are those of `train_vae`; settings are those of `SpeechSettings`.

    Args:
        dataset: voices, fsdd, or a path: a folder of recordings, or a CSV of path, words and speaker; None: voices,
            the built-in synthesised ones.
        init_from: see `train_vae`, as all that follow.
        config: likewise.
        name: likewise.
        runs: likewise.
        progress: likewise.
        notice: likewise.
        reporter: likewise.
        report: likewise.
        settings: any field of `SpeechSettings`, by its name.

    Example:
        >>> small = {"parameters": 3000, "longest": 2, "utterances": 160, "tested_utterances": 16}
        >>> run = genmodels.train_speech("words", epochs=1, **small, name="speech")
        >>> [reading["name"] for reading in run.transcribe("three.wav").facts["readings"]]
        ['three.wav']
    """
    telling = Told(progress, notice, reporter, report)
    return cast("SpeechRun", train_on_set(SPEECH, dataset, None, init_from, config, name, runs, telling, settings))


def compare_speech(
    models: Sequence[str] | None = None,
    dataset: PathLike | None = None,
    *,
    config: PathLike | None = None,
    name: str | None = None,
    resume: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> Exhibit:
    """Train several networks of equal size alike, and put side by side what they hear; `train-speech --compare`.

    Args:
        models: two or more of window, tdnn, rnn, gru, lstm, bilstm, tdnn-bilstm; window:11 sees 11 frames; None: those
            of the comparison that goes on.
        dataset: see `train_speech`.
        config: likewise.
        name: of the folder in which all runs are, with the result; None: one from the time.
        resume: that of a comparison to go on with, or its path; of a finished one what stands is given.
        runs: folder in which they are made; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.
        reporter: is told everything, instead of both.
        report: write each run's page, report.html in its folder, after each epoch.
        settings: any field of `SpeechSettings` but the model.

    Example:
        >>> small = {"parameters": 3000, "longest": 2, "utterances": 160, "tested_utterances": 16}
        >>> both = genmodels.compare_speech(["window:5", "gru"], "words", epochs=1, **small)
        >>> [row["network"] for row in both.tables[1].rows]
        ['window of 5 frames', 'gru']
    """
    telling = Told(progress, notice, reporter, report)
    asked = _asked(dataset, settings, config, name, resume, runs, telling)
    return trained(SpeechComparison(models=models, **asked))


def leave_one_out(
    dataset: PathLike | None = None,
    *,
    config: PathLike | None = None,
    name: str | None = None,
    resume: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> Exhibit:
    """Train a network without each speaker in turn, and let it read that one; `train-speech --leave-one-out`.

    Args:
        dataset: see `train_speech`; who speaks must be known.
        config: likewise.
        name: see `compare_speech`, as all that follow.
        resume: likewise.
        runs: likewise.
        progress: likewise.
        notice: likewise.
        reporter: likewise.
        report: likewise.
        settings: any field of `SpeechSettings` but the speaker to leave out.

    Raises:
        DataError: nobody knows who speaks, or there is one speaker alone.

    Example:
        >>> small = {"parameters": 3000, "longest": 2, "utterances": 160, "tested_utterances": 16}
        >>> strangers = genmodels.leave_one_out("words", epochs=1, **small)
        >>> [row["speaker"] for row in strangers.tables[0].rows]
        ['ann', 'bob', 'mean']
    """
    telling = Told(progress, notice, reporter, report)
    return trained(LeaveOneOut(**_asked(dataset, settings, config, name, resume, runs, telling)))


def compare_word_errors(
    compared: Sequence[PathLike | SpeechRun],
    *,
    lengths: int | Sequence[int] | None = None,
    utterances: int = UTTERANCES_MEASURED,
    on: PathLike | None = None,
    decode: str = USUAL_DECODER,
    beam_width: int | None = None,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """How well networks listen, by length, by noise, by speaker, word by word; `genmodels eval-speech`.

    Args:
        compared: runs, or their names or paths; "memory" may be a comparison, "memory-*" is all whose names begin so.
        lengths: words in an utterance; None: to twice the longest trained.
        utterances: of each length.
        on: another set to listen to, as `train_speech` takes it; None: each run's own.
        decode: "greedy" or "beam".
        beam_width: readings that the beam keeps; None: 10.
        seed: of the utterances.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        DataError: no word that the networks know is said in the other set.

    Example:
        >>> heard = genmodels.compare_word_errors(["speech"], lengths=[1, 2], utterances=4)
        >>> [row["part"] for row in heard.tables[0].rows][:3]
        ['alone', 'alone, known to be one', '1 word']
    """
    opened = opened_runs(compared, SpeechRun, runs, Told(progress, notice))
    return word_errors(
        opened, lengths, utterances=utterances, on=None if on is None else str(on), decode=decode,
        beam_width=beam_width, seed=seed, device=device,
    )  # fmt: skip


def compare_context(
    compared: Sequence[PathLike | SpeechRun],
    *,
    utterances: int = UTTERANCES_READ,
    looked_at: int = UTTERANCES_LOOKED_AT,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """Word errors by how much of the sound networks can see, and how far back each looks; `genmodels plot-context`.

    Args:
        compared: runs, or their names or paths; "memory" may be a comparison, "memory-*" is all whose names begin so.
        utterances: that each network reads.
        looked_at: so many of five words each, whose gradients are taken.
        seed: of the utterances.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Example:
        >>> row = genmodels.compare_context(["speech"], utterances=8, looked_at=2).tables[0].rows[0]
        >>> row["model"], row["past_ms"]
        ('tdnn', 332.5)
    """
    opened = opened_runs(compared, SpeechRun, runs, Told(progress, notice))
    return context(opened, utterances=utterances, looked_at=looked_at, seed=seed, device=device)


def _asked(
    dataset: PathLike | None,
    settings: Mapping[str, Any],
    config: PathLike | None,
    name: str | None,
    resume: str | None,
    runs: PathLike | None,
    telling: Told,
) -> dict[str, Any]:
    """What both kinds of comparison take."""
    check_names(compare_speech, SPEECH.settings, settings)
    return {
        "dataset": None if dataset is None else str(dataset), "given": settings, "config": path_of(config),
        "name": name, "resume": resume, "runs": runs_folder(runs), "reporter_of": partial(telling.reporter_of, SPEECH),
        "teller": telling.teller,
    }  # fmt: skip
