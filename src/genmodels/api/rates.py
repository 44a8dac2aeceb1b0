"""Learning rates looked for: `genmodels find-rate` in Python."""

from collections.abc import Sequence
from typing import Any

from genmodels.api.told import PathLike, Told, check_names, names_of, path_of, reference_of
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import Run, family_of, open_run, sweeping
from genmodels.runs.finding import runs_folder
from genmodels.settings.sweep import SweepSettings
from genmodels.telling import Notice


def find_rate(  # noqa: D417 - some are told together
    family: str,
    data: PathLike | Sequence[PathLike] | None = None,
    *,
    lowest: float = SweepSettings.lowest,
    highest: float = SweepSettings.highest,
    steps: int = SweepSettings.steps,
    text: str | None = None,
    glob: str = "*.txt",
    preset: str | None = None,
    init_from: PathLike | Run | None = None,
    config: PathLike | None = None,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
    **settings: Any,
) -> Exhibit:
    """The loss against the learning rate, in one short sweep: a figure, the numbers, and a suggestion.

    No run is made, and nothing is written.

    Args:
        family: its name in the registry, such as "text".
        data: of a language model the corpus, as of `train_text`; else the set, as of `train`.
        lowest, highest, steps: of the sweep: the rates of its first and last step, and how many there are.
        text, glob: as of `train_text`.
        preset: as of `train`.
        init_from: a run whose best weights the sweep begins with; None: fresh ones.
        config: settings from a TOML file, or those and the data from a run.json.
        runs: folder in which runs are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.
        settings: of the training, by name; but for `learning_rate`, which the sweep goes through.

    Raises:
        UsageError, DataError, ResourceError: a setting, the data or the machine do not do.
        RunError: there is no run such as `init_from`.

    Example:
        >>> swept = genmodels.find_rate("vae", "digits", steps=30, model="mlp", hidden_size=32)
        >>> sorted(swept.facts["losses"]), len(swept.facts["rates"]) <= 30
        (['elbo'], True)
    """
    row, telling = family_of(family), Told(progress, notice)
    check_names(find_rate, row.settings, settings)
    if sweeping.SWEPT in settings:
        raise UsageError("learning_rate is what a sweep looks for", "leave it out; lowest and highest say which.")
    reads_text = sweeping.reads_text(row)
    named: dict[str, Any] = {"corpus": names_of(() if data is None else data), "text": text, "glob": glob}
    if not reads_text:
        named = {"dataset": None if data is None else str(data), "preset": preset}
    parent = None
    if init_from is not None:
        parent = open_run(runs_folder(runs), reference_of(init_from), row.run, telling.teller)
    asked = SweepSettings(lowest=lowest, highest=highest, steps=steps)
    return sweeping.find_rate(
        row, settings, asked, parent=parent, config=path_of(config), teller=telling.teller, **named
    )
