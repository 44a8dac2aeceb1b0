"""Trainings, begun and gone on with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from genmodels.api.told import PathLike, Told, check_names, names_of, path_of, reference_of
from genmodels.errors import Stopped
from genmodels.families import Run, family_of, starting
from genmodels.families import open_run as find
from genmodels.families.gan import GAN, GanRun
from genmodels.families.pixelrnn import PIXELRNN, PixelRun
from genmodels.families.reader import READER, ReaderRun
from genmodels.families.set_run import SetRun
from genmodels.families.text import TEXT
from genmodels.families.text import starting as text_starting
from genmodels.families.text.run import TextRun
from genmodels.families.vae import VAE, VaeRun
from genmodels.family import Family
from genmodels.runs import RunDir
from genmodels.runs.finding import runs_folder
from genmodels.telling import Notice
from genmodels.training.starting import plan_of
from genmodels.training.starting import train as train_task

if TYPE_CHECKING:
    from genmodels.training.reporting import Reporter


def train_text(  # noqa: D417 - what all of them take is told in `genmodels.api`
    corpus: PathLike | Sequence[PathLike] = (),
    *,
    text: str | None = None,
    glob: str = "*.txt",
    init_from: PathLike | TextRun | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> TextRun:
    """Train a character-level language model; `genmodels train-text` in Python.

    Args:
        corpus: text files or folders, one or several; none: the Python language reference.
        text: the text itself, instead of files.
        glob: which files of a folder and its subfolders; hidden ones are left out.
        init_from: start from this run's best weights.
        config: settings from a TOML file, or those and the data from a run.json.
        name, runs: of the run, and the folder in which it is made; None: one from the time; GENMODELS_RUNS, or "runs".
        progress, notice, reporter, report: how the caller is told what happens, and a page; see `genmodels.api`.
        settings: any field of `TextSettings`, by its name.

    Raises:
        UsageError, DataError, ResourceError: a setting, the corpus or the machine does not do.
        DivergedError: the loss was not finite too often.
        Stopped: Ctrl-C; everything is saved, and `resume` goes on.

    Example:
        >>> run = genmodels.train_text("corpus.txt", epochs=3, hidden_size=32, name="story")
        >>> assert len(run.sample("they each ", temperature=[0.25, 0.75], length=200)) == 2
    """
    check_names(train_text, TEXT.settings, settings)
    telling, root = Told(progress, notice, reporter, report), runs_folder(runs)
    told = telling.reporter_of(TEXT)
    parent = None if init_from is None else find(root, reference_of(init_from), TextRun, telling.teller)
    begun = text_starting.new_run(
        settings, corpus=names_of(corpus), text=text, glob=glob, parent=parent, config=path_of(config),
        name=name, runs=root, notice=told.notice, counting=telling.teller.counting,
    )  # fmt: skip
    return cast("TextRun", _trained(TEXT, *begun, told, telling))


def train(
    family: str,
    dataset: PathLike | None = None,
    *,
    preset: str | None = None,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> Run:
    """Train a model of any family that learns from an image set; `genmodels train-NAME` in Python.

    Other arguments and errors are those of `train_vae`; settings are those of the family's own class.

    Args:
        family: its name in the registry.
        dataset: see `train_vae`, as all that follow.
        preset: likewise.
        init_from: likewise.
        config: likewise.
        name: likewise.
        runs: likewise.
        progress: likewise.
        notice: likewise.
        reporter: likewise.
        report: likewise.
        settings: any field of the family's settings class.

    Example:
        >>> genmodels.train("vae", "digits", epochs=1, model="mlp").facts["model"]
        'mlp'
    """
    telling = Told(progress, notice, reporter, report)
    return train_on_set(family_of(family), dataset, preset, init_from, config, name, runs, telling, settings)


def train_vae(
    dataset: PathLike | None = None,
    *,
    preset: str | None = None,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> VaeRun:
    """Train a variational autoencoder on images; `genmodels train-vae` in Python.

    Args:
        dataset: mnist, fashion-mnist, kmnist, emnist, digits, or a path: a folder of pictures, an .npz, IDX files;
            None: MNIST, or the rendered digits where it can't be had.
        preset: settings to begin with.
        init_from: start from this run's best weights.
        config: settings from a TOML file, or those and the data from a run.json.
        name: of the run; None: one from the time.
        runs: folder in which it is made; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.
        reporter: is told everything, instead of both.
        report: write the run's page, report.html in its folder, after each epoch.
        settings: any field of the family's settings class, by its name; here `VaeSettings`.

    Raises:
        UsageError: a setting is unknown or out of range, or the name is taken.
        DataError: the images are missing, damaged or too few, or don't suit the model.
        ResourceError: the device is missing, or memory or disk is full.
        DivergedError: the loss was not finite too often.
        Stopped: Ctrl-C; everything is saved, and `resume` goes on.

    Example:
        >>> vae = genmodels.train_vae("digits", epochs=2, name="first")
        >>> ten = vae.reconstruct(epochs=[1, 2])
        >>> ten.save("ten.png")
        PosixPath('ten.png')
    """
    telling = Told(progress, notice, reporter, report)
    return cast("VaeRun", train_on_set(VAE, dataset, preset, init_from, config, name, runs, telling, settings))


def train_pixelrnn(
    dataset: PathLike | None = None,
    *,
    preset: str | None = None,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> PixelRun:
    """Train a model that draws images pixel by pixel; `genmodels train-pixelrnn` in Python.

    Arguments and errors are those of `train_vae`; settings are those of `PixelSettings`.

    Example:
        >>> run = genmodels.train_pixelrnn("digits", epochs=1, channels=4, layers=2, name="pixels")
        >>> nats = run.complete(count=2, images=[0, 1]).facts["nats"]
        >>> len(nats)
        2
    """
    telling = Told(progress, notice, reporter, report)
    return cast("PixelRun", train_on_set(PIXELRNN, dataset, preset, init_from, config, name, runs, telling, settings))


def train_gan(
    dataset: PathLike | None = None,
    *,
    preset: str | None = None,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> GanRun:
    """Train a generative adversarial network; `genmodels train-gan` in Python.

    Arguments and errors are those of `train_vae`; settings are those of `GanSettings`.

    Example:
        >>> run = genmodels.train_gan("digits", epochs=1, channels=4, name="game")
        >>> run.draw(16, seed=3).shape[0]
        16
    """
    telling = Told(progress, notice, reporter, report)
    return cast("GanRun", train_on_set(GAN, dataset, preset, init_from, config, name, runs, telling, settings))


def train_reader(
    dataset: PathLike | None = None,
    *,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    name: str | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
    **settings: Any,
) -> ReaderRun:
    """Train a network that reads strips of digits; `genmodels train-reader` in Python.

    Arguments and errors are those of `train_vae`; settings are those of `ReaderSettings`.

    Example:
        >>> run = genmodels.train_reader("digits", epochs=1, strips=200, tested_strips=20, name="reader")
        >>> len(run.read(strips=3).facts["readings"])
        3
    """
    telling = Told(progress, notice, reporter, report)
    return cast("ReaderRun", train_on_set(READER, dataset, None, init_from, config, name, runs, telling, settings))


def resume(  # noqa: D417 - some are told together
    run: PathLike | Run | None = "last",
    *,
    corpus: PathLike | Sequence[PathLike] = (),
    text: str | None = None,
    device: str | None = None,
    epochs: int | None = None,
    minutes: float | None = None,
    accept_changes: bool = False,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    reporter: "Reporter | None" = None,
    report: bool = False,
) -> Run:
    """Go on with a training where it stopped; the same bits come out as if it had never stopped.

    A finished one goes on to more epochs, or for some minutes more, with a learning rate that warms up again.

    Args:
        run: a name, a path, a run, or "last"; `run.at(path)` is one whose images were moved.
        corpus, text: where the run's text is now, if it was moved; or the text itself.
        device: go on there instead of on the recorded one; then not bit for bit.
        epochs, minutes: of a finished run, in all, or so many more.
        accept_changes: go on though the run was changed by another hand; it records that.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress, notice, reporter, report: see `train_vae`.

    Raises:
        RunError, DataError, Stopped: there is no such run, it was changed, its data are gone, or Ctrl-C again.

    Example:
        >>> genmodels.resume("story", notice=print).facts["state"]
        runs/story is finished; with --epochs 13, or --minutes for so many more, it goes on
        the run was finished already: nothing is left to train
        'finished'
    """
    telling = Told(progress, notice, reporter, report)
    found = find(runs_folder(runs), reference_of(run), Run, telling.teller)
    if isinstance(run, SetRun):
        found = replace(run, teller=telling.teller)  # which may know where its images are now
    told = telling.reporter_of(family := family_of(found.family))
    given = {"device": device, "epochs": epochs, "minutes": minutes}
    task = found.go_on(_known(given), {}, told.notice, names_of(corpus), text, accept=accept_changes)
    return _trained(family, found, task, told, telling)


def _known(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def train_on_set(
    family: Family,
    dataset: PathLike | None,
    preset: str | None,
    init_from: PathLike | Run | None,
    config: PathLike | None,
    name: str | None,
    runs: PathLike | None,
    telling: Told,
    settings: Mapping[str, Any],
) -> Run:
    """A new run on a set that --dataset names, trained; arguments as those of `train_vae`."""
    check_names(train, family.settings, settings)
    told, root = telling.reporter_of(family), runs_folder(runs)
    parent = None if init_from is None else find(root, reference_of(init_from), family.run, telling.teller)
    begun = starting.new_run(
        family,
        settings,
        dataset=None if dataset is None else str(dataset),
        preset=preset,
        parent=parent,
        config=path_of(config),
        name=name,
        runs=root,
        notice=told.notice,
        counting=telling.teller.counting,
    )
    return _trained(family, *begun, told, telling)


def _trained(family: Family, run: RunDir, task: Any, reporter: "Reporter", telling: Told) -> Run:
    """Train, and give the run to be asked; a stop says how a program goes on."""
    try:
        train_task(task, family, plan_of(run, task, task.settings), run, reporter, telling.begun)
    except Stopped as stopped:
        hint = f"genmodels.resume({str(run.path)!r}) goes on."
        raise Stopped(stopped.what, hint, stopped.exit_code) from stopped
    return cast("Run", family.run(run.path, telling.teller))
