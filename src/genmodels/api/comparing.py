"""Runs side by side."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from genmodels.api.asking import opened_runs
from genmodels.api.told import PathLike, Told, check_names, names_of, path_of
from genmodels.errors import Stopped, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.comparison import COMPARED, compare
from genmodels.families.curves import curves
from genmodels.families.images import ImageRun
from genmodels.families.reader import STRIPS_MEASURED, ReaderRun, by_length
from genmodels.families.run import Run
from genmodels.families.series import Comparison
from genmodels.families.text import TEXT
from genmodels.families.text.comparing import TextComparison
from genmodels.families.text.gradients import WINDOW, WINDOWS, gradients_of
from genmodels.families.text.run import TextRun
from genmodels.families.text.vanishing import why_of
from genmodels.families.vae import VaeRun, courses
from genmodels.runs import Epoch
from genmodels.runs.finding import runs_folder
from genmodels.settings.reader import USUAL_DECODER
from genmodels.telling import Notice

if TYPE_CHECKING:
    from genmodels.training.reporting import Reporter


def compare_images(
    compared: "Sequence[PathLike | ImageRun]",
    *,
    count: int = COMPARED,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """Runs of image models on the same data side by side, in one table and one figure; `genmodels compare-images`.

    Args:
        compared: two or more runs, or their names or paths.
        count: images drawn from each and measured.
        seed: same seed, same images.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        UsageError: fewer than two, or they are on different images or targets.

    Example:
        >>> table = genmodels.compare_images(["first", "game"], count=100).tables[0]
        >>> [row["model"] for row in table.rows]
        ['VAE, conv', 'GAN, dcgan', None]
    """
    opened = opened_runs(compared, ImageRun, runs, Told(progress, notice))
    return compare(opened, count, seed=seed, device=device)


def compare_elbo(
    compared: Sequence[PathLike | VaeRun],
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """The lower bounds of several VAE runs by epoch in one figure; `genmodels plot-elbo`.

    Args:
        compared: runs, or their names or paths.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        UsageError: they are on different images or targets.

    Example:
        >>> genmodels.compare_elbo(["first"]).tables[0].rows[-1]["split"]
        'test'
    """
    return courses(opened_runs(compared, VaeRun, runs, Told(progress, notice)))


def compare_curves(
    compared: Sequence[PathLike | Run],
    *,
    score: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """How a score went in several runs of any families, by epoch and by time, in one figure; `genmodels plot-curve`.

    Args:
        compared: runs on the same data, or their names or paths.
        score: any measure of their records, such as "accuracy"; None: the one that the best epoch is chosen by.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        UsageError: they measure no such score, or other things under its name, or have other data or targets.

    Example:
        >>> genmodels.compare_curves(["story"], score="accuracy").facts["axis"]
        'characters guessed right (share)'
    """
    return curves(opened_runs(compared, Run, runs, Told(progress, notice)), score)


def compare_readers(
    compared: Sequence[PathLike | ReaderRun],
    *,
    lengths: int | Sequence[int] | None = None,
    strips: int = STRIPS_MEASURED,
    decode: str = USUAL_DECODER,
    beam_width: int | None = None,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """How well readers read strips, by their length, side by side; `genmodels eval-reader`.

    Args:
        compared: runs, or their names or paths.
        lengths: digits in a strip; None: to twice the longest trained.
        strips: of each length.
        decode: "greedy" or "beam".
        beam_width: readings that the beam keeps; None: 10.
        seed: of the strips.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Example:
        >>> shown = genmodels.compare_readers(["reader"], lengths=[1, 2], strips=5)
        >>> [row["digits"] for row in shown.tables[0].rows]
        ['1', '2', '1-2']
    """
    opened = opened_runs(compared, ReaderRun, runs, Told(progress, notice))
    return by_length(
        opened, lengths=lengths, strips=strips, decode=decode, beam_width=beam_width,
        seed=seed, device=device,
    )  # fmt: skip


def _named(compared: Sequence[PathLike | TextRun] | None, runs: PathLike | None, told: Told) -> list[TextRun]:
    """The runs that are named; none where nothing is given.

    Raises:
        UsageError: something is given that holds no run.
    """
    found = [] if compared is None else opened_runs(compared, TextRun, runs, told)
    if compared is not None and not found:
        raise UsageError("no run is named", "name one or several; without any it is untrained networks.")
    return found


def compare_gradients(
    compared: Sequence[PathLike | TextRun] | None = None,
    *,
    init: bool = False,
    epoch: Epoch | None = None,
    windows: int = WINDOWS,
    window: int = WINDOW,
    lags: int | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """How the gradient of the last character's loss fades with the distance, of several runs; `plot-gradients`.

    Args:
        compared: runs, or their names or paths, or those of comparisons; models without recurrence are left out; None:
            an untrained rnn, gru and lstm.
        init: untrained networks like those of the runs.
        epoch: whose weights; None: the best one's.
        windows: of the validation text.
        window: characters in each.
        lags: largest distance from the last character; None: 120, or what the window has.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Example:
        >>> faded = genmodels.compare_gradients(["story"], windows=64, window=20)
        >>> faded.facts["results"][0]["run"]
        'story'
    """
    told = Told(progress, notice)
    return gradients_of(
        _named(compared, runs, told), init=init, epoch=epoch, windows=windows, window=window, lags=lags,
        teller=told.teller,
    )  # fmt: skip


def explain_gradients(
    compared: Sequence[PathLike | TextRun] | None = None,
    *,
    init: bool = False,
    epoch: Epoch | None = None,
    windows: int = WINDOWS,
    window: int = WINDOW,
    lags: int | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """Why that gradient fades: each step of its way back, taken apart; `plot-gradients --why`.

    Args and errors as those of `compare_gradients`.

    Example:
        >>> why = genmodels.explain_gradients(["story"], windows=64, window=20)
        >>> 0.0 < why.facts["results"][0]["mean_factor"] < 1.0
        True
    """
    told = Told(progress, notice)
    return why_of(
        _named(compared, runs, told), init=init, epoch=epoch, windows=windows, window=window, lags=lags,
        teller=told.teller,
    )  # fmt: skip


def compare_text(
    models: Sequence[str] | None = None,
    corpus: PathLike | Sequence[PathLike] = (),
    *,
    text: str | None = None,
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
    """Train several models of equal size alike, and put them side by side; `train-text --compare`.

    Args:
        models: two or more of feedforward, rnn, gru, lstm; None: those of the comparison that goes on.
        corpus: see `train_text`.
        text: likewise.
        config: likewise.
        name: of the folder in which all runs are, with the result; None: one from the time.
        resume: that of a comparison to go on with, or its path; of a finished one what stands is given.
        runs: folder in which they are made; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.
        reporter: is told everything, instead of both.
        report: write each run's page, report.html in its folder, after each epoch.
        settings: any field of `TextSettings` but the model.

    Example:
        >>> table = genmodels.compare_text(["rnn", "gru"], "corpus.txt", epochs=1, hidden_size=16).tables[0]
        >>> {"rnn", "gru", "unigram"} <= {row["model"] for row in table.rows}
        True
    """
    check_names(compare_text, TEXT.settings, settings)
    told = Told(progress, notice, reporter, report)
    return trained(TextComparison(
        models=models, corpus=names_of(corpus), text=text, given=settings, config=path_of(config), name=name,
        resume=resume, runs=runs_folder(runs), reporter_of=partial(told.reporter_of, TEXT), teller=told.teller,
    ))  # fmt: skip


def trained(comparison: Comparison) -> Exhibit:
    """What a comparison gave; a stop says how a program goes on."""
    try:
        return comparison.train()
    except Stopped as stopped:
        hint = f"the same call with resume={comparison.folder.name!r} in place of a name goes on."
        raise Stopped(stopped.what, hint, stopped.exit_code) from stopped
