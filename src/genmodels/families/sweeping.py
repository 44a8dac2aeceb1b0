"""Loss against learning rate: a sweep over a fresh model of any family, its figure and the rate that it suggests."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.analysis.rate_sweep import SMOOTHED
from genmodels.bytewise import as_read
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.families import starting
from genmodels.families.set_run import SetRun
from genmodels.families.summary import data_name
from genmodels.families.text import starting as text_starting
from genmodels.families.text.starting import ANY_TEXT
from genmodels.family import Family
from genmodels.settings.sweep import SweepSettings
from genmodels.telling import Teller
from genmodels.training.starting import NewRun, computing, with_origins

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.rate_sweep import Reading
    from genmodels.training.sweep import Swept
    from genmodels.training.task import OptimisedTask

FIGURE = "find-rate"  # its name, without an ending
SWEPT = "learning_rate"  # the setting that a sweep takes no value for
SHORT = "so short a sweep shows which rates are too high, and of the best one no more than its order"
OF_A_GAME = "neither player's loss says how good images are, so a sweep shows when the game breaks, and no best rate"


def reads_text(family: Family) -> bool:
    """Whether a family learns from texts, and from no set that --dataset names."""
    return not issubclass(family.run, SetRun)


def find_rate(
    family: Family,
    given: Mapping[str, Any],
    asked: SweepSettings,
    *,
    corpus: Sequence[str] = (),
    text: str | None = None,
    glob: str = ANY_TEXT,
    dataset: str | None = None,
    preset: str | None = None,
    parent: Any = None,
    config: Path | None = None,
    teller: Teller,
) -> Exhibit:
    """The loss against the learning rate, over one sweep of a model that a training would begin with.

    Args:
        family: its row.
        given: settings of the training, by name.
        asked: which rates.
        corpus: see `genmodels.families.text.starting.new_run`, as text, glob.
        text: likewise.
        glob: likewise.
        dataset: see `genmodels.families.starting.new_run`, as preset.
        preset: likewise.
        parent: the run whose best weights it begins with.
        config: a TOML file or a run.json, or None.
        teller: who is told what happens.

    Raises:
        UsageError, DataError, ResourceError: a setting, the data or the machine do not do.
    """
    if SWEPT in given:
        raise UsageError(f"{SWEPT} is what a sweep looks for", "leave it out; lowest and highest say where.")
    task: OptimisedTask
    if reads_text(family):
        new, task = text_starting.new_task(
            given, corpus=corpus, text=text, glob=glob, parent=parent, config=config, teller=teller
        )
    else:
        new, task = starting.new_task(
            family, given, dataset=dataset, preset=preset, parent=parent, config=config, teller=teller
        )
    return swept_rates(family, new, task, asked, teller)


def swept_rates(family: Family, new: NewRun, task: "OptimisedTask", asked: SweepSettings, teller: Teller) -> Exhibit:
    """Sweep the learning rate; nothing is written.

    Args:
        family: the model's row.
        new: the run that a training would begin, which is not made.
        task: its task, of no use afterwards.
        asked: which rates.
        teller: is told how far it is.
    """
    from genmodels.analysis.rate_sweep import read
    from genmodels.training.sweep import sweep

    to_fall, signs = family.score in family.steps, _signs(family)
    with computing(task), teller.counting("sweeping the learning rate", asked.steps) as advance:
        swept = sweep(task, asked.rates(), signs, advance, to_fall=to_fall)
    name = next(iter(signs))  # of a game the discriminator's, which comes first
    reading = read(swept.rates, swept.losses[name], swept.smoothed[name], to_fall=to_fall, ended=bool(swept.ended))
    return _exhibit(family, new, swept, reading)


def _signs(family: Family) -> dict[str, float]:
    """What a family's steps log of what it improves, each with the factor that makes it a loss."""
    return {name: -1.0 if name == family.score and family.best is max else 1.0 for name in family.steps}


def _exhibit(family: Family, new: NewRun, swept: "Swept", reading: "Reading") -> Exhibit:
    data, model = data_name(new.document["data"]), str(new.fitted.to_mapping()["model"])
    title = f"Loss against learning rate: {family.title} {model} on {data}"
    remarks = _remarks(reading, swept, is_game=len(swept.losses) > 1)
    draw = partial(_drawn, family, swept, reading, remarks) if reading.began is not None else None
    found = Exhibit(
        FIGURE,
        title,
        _facts(family, new, swept, reading),
        [_steps(title, swept), *_found(title, family, reading)],
        draw,
        "table",
        remarks,
    )
    return as_read({"settings": with_origins(new.resolved, new.fitted)}, found)


def _facts(family: Family, new: NewRun, swept: "Swept", reading: "Reading") -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "family": family.name,
        "model": new.fitted.to_mapping()["model"],
        "data": data_name(new.document["data"]),
        "suggestion": reading.suggestion,
        "why": reading.why,
        "usual": type(new.fitted).learning_rate,
        "breaks_at": reading.broke,
        "lowest_loss_at": None if reading.low is None else list(reading.low),
        "ended": swept.ended or None,
        "smoothed_by": SMOOTHED[swept.to_fall],
        "rates": swept.rates,
        "losses": swept.losses,
        "smoothed": swept.smoothed,
    }


def _remarks(reading: "Reading", swept: "Swept", *, is_game: bool) -> list[str]:
    """What the suggestion is, how it comes about, why the sweep ended, and what such a sweep can't say."""
    found = [reading.why if reading.suggestion is None else f"suggested: {reading.suggestion:g}, {reading.why}"]
    return [*found, *filter(None, [swept.ended]), *([OF_A_GAME] if is_game else []), SHORT]


def _steps(title: str, swept: "Swept") -> Table:
    """Each step of each loss, for a spreadsheet."""
    smoothed = swept.smoothed
    rows = [
        {"rate": rate, "name": name, "loss": loss, "smoothed": middle}
        for name, losses in swept.losses.items()
        for rate, loss, middle in zip(swept.rates, losses, smoothed[name], strict=True)
    ]
    return Table(title, {"rate": "", "name": "", "loss": "short", "smoothed": "short"}, rows, shown=False)


def _found(title: str, family: Family, reading: "Reading") -> list[Table]:
    """What was read of the sweep, in one row; none where it ended at once."""
    if reading.began is None:
        return []
    low, high = reading.low or (None, None)
    usual = family.settings.learning_rate
    row = {
        "began": reading.began, "least": reading.least, "lowest from": low, "to": high, "breaks at": reading.broke,
        "suggestion": reading.suggestion, "usual": usual,
    }  # fmt: skip
    forms = {"began": "short", "least": "short"}
    return [Table(title, {name: forms.get(name, ".2g") for name in row}, [row])]


def _drawn(family: Family, swept: "Swept", reading: "Reading", remarks: Sequence[str], title: str) -> "Figure":
    from genmodels.figures.rates import RateCourse, rates_figure

    names = {name: family.axis_of(name) for name in swept.losses}
    course = RateCourse(
        swept.rates,
        {names[name]: losses for name, losses in swept.losses.items()},
        {names[name]: medians for name, medians in swept.smoothed.items()},
        reading.low,
        reading.broke,
        reading.suggestion,
        SMOOTHED[swept.to_fall],
    )
    signs, (first, *others) = _signs(family), names
    label = "losses of the two players" if others else names[first] if signs[first] > 0 else f"minus {names[first]}"
    return rates_figure(course, label, title, remarks)
