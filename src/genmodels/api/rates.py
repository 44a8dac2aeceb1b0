"""Learning rates looked for: `genmodels find-rate` in Python."""

from collections.abc import Sequence
from typing import Any

from genmodels.api.told import PathLike, Told, check_names, names_of, path_of, reference_of
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
    """The loss against the learning rate, in one short sweep: a figure, numbers, a suggestion; no run is made.

    Args:
        family: its name in the registry, such as "text".
        data: of a language model the corpus, as of `train_text`, as text and glob; else the set, as of `train`.
        lowest, highest, steps: the rates of the sweep's first and last step, and how many steps there are.
        init_from: a run whose best weights the sweep begins with; None: fresh ones.
        preset, config, runs, progress, notice: as of `train`.
        settings: of the training, by name; but for `learning_rate`, which the sweep goes through.

    Raises:
        GenmodelsError: as of `train`.

    Example:
        >>> swept = genmodels.find_rate("vae", "digits", steps=30, model="mlp", hidden_size=32)
        >>> sorted(swept.facts["losses"]), len(swept.facts["rates"]) <= 30
        (['elbo'], True)
    """
    row, telling = family_of(family), Told(progress, notice)
    check_names(find_rate, row.settings, settings)
    named: dict[str, Any] = {"dataset": None if data is None else str(data), "preset": preset}
    if sweeping.reads_text(row):
        named = {"corpus": names_of(() if data is None else data), "text": text, "glob": glob}
    root, asked = runs_folder(runs), SweepSettings(lowest=lowest, highest=highest, steps=steps)
    parent = None if init_from is None else open_run(root, reference_of(init_from), row.run, telling.teller)
    return sweeping.find_rate(
        row, settings, asked, parent=parent, config=path_of(config), teller=telling.teller, **named
    )
