"""Which runs are compared where nobody names any: the newest of each family, on the same images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from genmodels.errors import RunError, in_turn, listed
from genmodels.families import rows_of, run_at
from genmodels.families.curves import fingerprint_of
from genmodels.families.images import ImageRun
from genmodels.families.summary import data_name
from genmodels.families.taking import Chosen
from genmodels.paths import path_of
from genmodels.printable import one_line
from genmodels.runs.listing import list_all
from genmodels.runs.run_dir import train_command
from genmodels.telling import Teller

FEWEST = 2  # families


def newest_of_each(root: Path, teller: Teller) -> list[ImageRun]:
    """The newest run of each family of image models, on the images of the newest run that others share.

    Which newer ones are on other images is told.

    Raises:
        RunError: no two families have runs with a finished epoch on the same images.
    """
    by_data: dict[str, list[ImageRun]] = {}
    newest: dict[str, ImageRun] = {}
    for run in _to_compare(path_of(root), teller):
        newest.setdefault(run.family, run)
        by_data.setdefault(fingerprint_of(run), []).append(run)
    families = [row.name for row in rows_of(ImageRun)]
    shared = next((runs for runs in by_data.values() if len({run.family for run in runs}) >= FEWEST), None)
    if shared is None:
        raise _too_few(root, families, by_data)
    taken = {run.family: run for run in reversed(shared)}
    found = [taken[name] for name in families if name in taken]
    others = [f"{one_line(run.name)} ({_images_of(run)})" for run in newest.values() if run not in found]
    if others:
        told = f"{in_turn([one_line(run.name) for run in found])} are on the same images, {_images_of(found[0])}"
        teller.notice(f"{told}; on other images: {listed(others)}")
    return [replace(run, chosen=Chosen(None)) for run in found]


def _to_compare(root: Path, teller: Teller) -> Iterator[ImageRun]:
    """The runs that draw images and have a finished epoch, the newest first; those that are trained now come last."""
    runs = reversed([run_at(run.path, teller) for run in list_all(root)])
    drawing = [run for run in runs if isinstance(run, ImageRun) and run.epochs()]
    yield from sorted(drawing, key=ImageRun.is_being_trained)


def _too_few(root: Path, families: Sequence[str], by_data: Mapping[str, Sequence[ImageRun]]) -> RunError:
    """What is wrong where no two families can be compared, with two runs that can."""
    found = list({run.family: run for runs in by_data.values() for run in reversed(runs)}.values())
    alike = next((runs for runs in by_data.values() if len(runs) > 1), None)
    hint = "" if alike is None else f"these two can be: genmodels compare-images {alike[1].quoted} {alike[0].quoted}"
    if len(found) < FEWEST:
        missing = [train_command(name) for name in families if name not in {run.family for run in found}]
        more = f"train another, such as genmodels {missing[0]} or {missing[-1]}, or name runs."
        held = f"runs of one family alone, {found[0].family}" if found else "no runs that draw images"
        what = f"{root} has {held}, and a comparison takes two families or more of {in_turn(families)}"
        return RunError(what, hint or more)
    on = "; ".join(f"{one_line(run.name)}: {_images_of(run)}" for run in found)
    again = "train one of them on the images of another." if alike is None else hint
    return RunError(f"no two families in {root} have runs on the same images ({on})", again)


def _images_of(run: ImageRun) -> str:
    return data_name(run.document()["data"])
