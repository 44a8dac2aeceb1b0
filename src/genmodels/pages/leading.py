"""The first screen of a page: what the networks are, which of several is best by what, and the first that each made."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from genmodels.bytewise import words_of
from genmodels.errors import RunError, UsageError, in_turn
from genmodels.exhibit import Row
from genmodels.families import Run
from genmodels.families.best import best_told
from genmodels.families.curves import before_comparing, check_same_targets, same_data
from genmodels.families.steps import hardly_trained
from genmodels.families.whole import whole_summary_of
from genmodels.family import Family, family_of
from genmodels.ordinary import read_ordinary
from genmodels.pages.gathered import four_digits, sentence
from genmodels.pages.inlined import data_uri
from genmodels.pages.words import spelled_out
from genmodels.printable import beginning, one_line, printable

MOST_OTHERS = 5  # runs whose scores stand beside the best one's
MOST_LETTERS = 200  # of a text that a run wrote
MOST_BYTES = 100_000  # of a picture that it drew
TOO_EARLY = "Which is best can't be said yet: fewer than two of them have a finished epoch. What came of each:"
SMALL = "The page is small: it has no figures, and of each run the best epoch's network alone."


@dataclass(frozen=True)
class Lead:
    """What the first screen of several runs says and shows.

    Args:
        sentences: what came of the runs.
        remarks: what to know before they are held against each other.
        cards: of each run a name, the section in which it lives, a line, and a `picture` or a `text` of its own making.
    """

    sentences: Sequence[str]
    remarks: Sequence[str]
    cards: Sequence[Mapping[str, Any]]


def lead_of(
    runs: Sequence[Run], names: Sequence[str], sections: Sequence[int | None], lines: Sequence[str], *, pictured: bool
) -> Lead | None:
    """What leads the page of several runs; None for one, whose own sentence does.

    Args:
        runs: they.
        names: of them.
        sections: the number of the first section in which each lives; None where it has none.
        lines: what came of each, in a sentence; none: its best score.
        pictured: whether their curves stand on the first screen.

    Raises:
        RunError: one is damaged.
    """
    if len(runs) < 2:
        return None
    summaries = [whole_summary_of(run) for run in runs]
    alike = _are_alike(runs)
    words = words_of(runs[0].document())
    best = _best_told(family_of(runs[0].family), names, summaries, words) if alike else ""
    remarks = _remarks(runs, names, held_together=alike)
    if best and pictured:
        return Lead([best], remarks, [])
    cards = [
        {"run": index, "name": names[index], "section": sections[index], "kind": _kind(run), "told": one_line(told)}
        | {"picture": "", "text": ""}
        | _made(run)
        for index, (run, told) in enumerate(zip(runs, lines or map(_score_told, summaries), strict=True))
    ]
    return Lead([best or (TOO_EARLY if alike else _unlike_told(runs))], remarks, cards)


def what_of(runs: Sequence[Run]) -> str:
    """What a page is about, in a sentence."""
    models: dict[str, dict[str, None]] = {}
    for run in runs:
        models.setdefault(run.family, {})[str(run.setting("model"))] = None
    kinds = ", ".join(_kind_told(family_of(family), list(names)) for family, names in models.items())
    return one_line(f"A trained {kinds}" if len(runs) == 1 else f"{len(runs)} trained networks: {kinds}")


def small_told(runs: Sequence[Run]) -> str:
    """That a page is small, and how the whole one is made."""
    whole = "The whole page" if len(runs) == 1 else "The whole page of one"
    return f"{SMALL} {whole}: genmodels report --run {one_line(runs[0].quoted)}"


def _kind(run: Run) -> str:
    return one_line(_kind_told(family_of(run.family), [str(run.setting("model"))]))


def _kind_told(family: Family, models: Sequence[str]) -> str:
    """A family and models of it: variational autoencoder (VAE, conv)."""
    if spelled := spelled_out(family.title):
        return f"{spelled} ({', '.join([family.title, *models])})"
    return f"{family.title} ({', '.join(models)})"


def _are_alike(runs: Sequence[Run]) -> bool:
    """Whether the scores of runs measure one thing on the same data."""
    if len({run.family for run in runs}) > 1 or not same_data([run.document()["data"] for run in runs]):
        return False
    with suppress(UsageError):
        check_same_targets(runs)
        return True
    return False


def _unlike_told(runs: Sequence[Run]) -> str:
    if len({run.family for run in runs}) > 1:
        return "They are of different families, so no score says which is best. What came of each:"
    unlike = "they did not learn from the same data, or were not measured alike"
    return f"Which is best, no score says: {unlike}. What came of each:"


def _best_told(
    family: Family, names: Sequence[str], summaries: Sequence[Row], words: Callable[[str], str] = str
) -> str:
    """Which run is best and by what, and the scores of the others; "" where fewer than two are measured."""
    scored = [(name, s["best"]) for name, s in zip(names, summaries, strict=True) if s["best"] is not None]
    if len(scored) < 2:
        return ""
    best = family.best(score for _, score in scored)
    first = [name for name, score in scored if score == best]
    others = sorted((one for one in scored if one[1] != best), key=lambda one: abs(one[1] - best))
    behind = [f"{name} {_minus(score)}" for name, score in others[:MOST_OTHERS]]
    behind += [f"{len(others) - MOST_OTHERS} more"] if len(others) > MOST_OTHERS else []
    than = f", before {in_turn(behind)}" if behind else ""
    are = f"{'is' if len(first) == 1 else 'are'} {in_turn(first)}: {_minus(best)}"
    return one_line(f"By the {words(family.axis_of(family.score))}, the best on held-out data {are}{than}.")


def _score_told(summary: Row) -> str:
    """The best score of a run, in a sentence; or that nothing is measured yet."""
    if summary["best"] is None:
        return "It has no finished epoch yet."
    return f"Its best on held-out data: {best_told(summary, _minus)}."


def _minus(score: float) -> str:
    """A score in the page's digits, with a minus that is one."""
    return four_digits(score).replace("-", "\N{MINUS SIGN}")


def _remarks(runs: Sequence[Run], names: Sequence[str], *, held_together: bool) -> list[str]:
    """What to know of runs before anything is made of their scores."""
    hardly = [name for run, name in zip(runs, names, strict=True) if hardly_trained(run)]
    few = [f"hardly trained: {in_turn(hardly)}"] if hardly else []
    return [sentence(one) for one in [*(before_comparing(runs) if held_together else []), *few]]


def _made(run: Run) -> dict[str, str]:
    """What a run drew, or else wrote, after its best epoch, as it was kept then; nothing where that is gone."""
    with suppress(RunError, OSError):
        name = run.epoch_checkpoint(None).name
        picture, text = (run.samples_folder / f"{name}{kind}" for kind in (".png", ".txt"))
        if picture.exists():
            drawn = read_ordinary(picture)
            return {"picture": data_uri("image/png", drawn)} if len(drawn) <= MOST_BYTES else {}
        written = read_ordinary(text).decode("utf-8", "replace")
        return {"text": beginning(printable(written).strip(), MOST_LETTERS)}
    return {}
