"""The tour: a small network of each family, trained on built-in data one after the other, and their page."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from genmodels.durable import disk_errors, read_json, replace_file, to_json
from genmodels.errors import Stopped
from genmodels.families import FAMILIES, Run, starting
from genmodels.families.alive import best_held_out
from genmodels.families.best import best_told
from genmodels.families.steps import hardly_trained
from genmodels.families.summary import summary_of
from genmodels.families.sweeping import reads_text
from genmodels.families.text import starting as text_starting
from genmodels.family import Family
from genmodels.named_files import check_free
from genmodels.pages.building import Page, build_page
from genmodels.pages.leading import small_told
from genmodels.runs.standing import is_finished
from genmodels.settings import flag_of
from genmodels.telling import Counting, Notice, Teller, counted, duration, silent
from genmodels.training.reporting import Reporter, Several
from genmodels.training.starting import plan_of, train

NAME = "tour"  # what names of its runs begin with, and its page is called
PAGE_SECONDS = 15.0  # for the page of all
INTRO = "These networks are small and were trained for seconds each; larger ones, trained longer, learn more."
ReporterOf = Callable[[Family, Several], Reporter]


@dataclass
class Stations(Several):
    """How far a tour is.

    Args:
        seconds: that each training takes, and last the page.
    """

    seconds: Sequence[float] = ()

    def left(self, seconds: float, left: float | None) -> float | None:
        """Seconds until the tour ends, whatever the speed of the newest steps foretells; see `Several.left`."""
        del left
        this, *others = self.seconds[len(self.taken) :]
        return max(0.0, this - seconds) + sum(others)

    def told(self, seconds: float, left: float | None) -> str:
        """Which one is under way, and the time of all that is left, with the page; see `Several.told`."""
        return f"{self.place}, {duration(self.left(seconds, left) or 0.0)} left in all"


@dataclass(frozen=True)
class Toured:
    """What came of a tour.

    Args:
        runs: trained, in their order.
        page: where it is.
        seconds: that it took this time.
    """

    runs: Sequence[Run]
    page: Path
    seconds: float

    @property
    def facts(self) -> dict[str, Any]:
        """For a program."""
        runs = {run.family: {"run": str(run.path), "best": best_told(summary_of(run))} for run in self.runs}
        return {"runs": runs, "page": str(self.page), "seconds": round(self.seconds, 1)}


@dataclass(frozen=True)
class _Places:
    """Where a tour's runs and its page lie.

    Args:
        root: folder of the runs.
        number: which tour it is in that folder, from 1.
        out: of the page, or None.
    """

    root: Path
    number: int
    out: Path | None

    @property
    def name(self) -> str:
        return NAME if self.number == 1 else f"{NAME}-{self.number}"

    @property
    def page(self) -> Path:
        return self.out or self.root / f"{self.name}.html"

    def run(self, row: Family, teller: Teller) -> Run:
        found: Run = row.run(self.root / f"{self.name}-{row.name}", teller)
        return found

    @property
    def record(self) -> Path:
        """A file that says where its page is, once that is made."""
        return self.root / f"{self.name}.json"

    def begun(self) -> list[Run]:
        runs = [self.run(row, Teller()) for row in _rows()]
        return [run for run in runs if (run.path / "run.json").exists()]

    def is_taken(self) -> bool:
        """Whether runs of somebody else are called so."""
        return not all(map(_is_own, self.begun()))

    def made_page(self) -> Path | None:
        """Where its page was made, and still is."""
        found = Path(read_json(self.record)["page"]) if self.record.exists() else None
        return found if found is not None and found.exists() else None

    def is_complete(self) -> bool:
        begun = self.begun()
        return len(begun) == len(_rows()) and all(map(is_finished, begun)) and self.made_page() is not None


@dataclass
class _Guide:
    """Who leads through a tour: what is said on the way, and to whom.

    Args:
        say: is told each sentence.
        reporter_of: who is told how far a training is.
        counting: how far what comes before a training is.
        accept: whether runs go on that were changed by another hand.
    """

    say: Notice
    reporter_of: ReporterOf
    counting: Counting
    accept: bool = False
    stations: Stations = field(init=False)

    def __post_init__(self) -> None:
        seconds = [_seconds(row) for row in _rows()]
        self.stations = Stations([row.name for row in _rows()], None, seconds=[*seconds, PAGE_SECONDS])


def _rows() -> list[Family]:
    """The families that a tour visits."""
    return [row for row in FAMILIES.values() if row.tour is not None]


def take_tour(
    runs: Path, out: Path | None, reporter_of: ReporterOf, say: Notice, teller: Teller, *, accept: bool = False
) -> Toured:
    """Train a small network of each family on built-in data, in about three minutes on two cores, and make their page.

    A tour that was stopped is gone on with; one that is complete is left as it is, and another one begins.

    Args:
        runs: folder in which they are made.
        out: of the page; None: tour.html in that folder.
        reporter_of: makes who is told how far a training is, and is handed how far the tour is.
        say: is told what goes on, for a curious reader.
        teller: is told what is left out of the page, and how far what comes before a training is.
        accept: go on with runs of a stopped one though they were changed by another hand; they record that.

    Raises:
        Stopped: Ctrl-C; what is trained is kept, and the next tour goes on.
        UsageError, ResourceError: the folder does not do, or the disk is full.
    """
    began, places = time.perf_counter(), _places(runs, out)
    guide = _Guide(say, reporter_of, teller.counting, accept)
    check_free(places.page)
    with _stops_told(places):
        for sentence in _welcome(places, guide):
            say(sentence)
        trained = [_trained(places, row, guide) for row in _rows()]
        say(f"All {len(trained)} are trained. Their page is being made: about {duration(PAGE_SECONDS)}.")
        _page_of(trained, teller).save(places.page)
        say(f"{INTRO} {small_told(trained)}")
        with disk_errors(places.record):
            replace_file(places.record, to_json({"page": str(places.page.absolute())}))
    return Toured(trained, places.page, time.perf_counter() - began)


def _page_of(trained: Sequence[Run], teller: Teller) -> Page:
    """The page of all, small ones, with what came of each in plain words."""
    rows = _rows()
    runs = [row.run(run.path, teller) for row, run in zip(rows, trained, strict=True)]
    lines = [row.tour.result(best_held_out(run)) for row, run in zip(rows, trained, strict=True) if row.tour]
    return build_page(runs, teller, small=True, intro=INTRO, lines=lines)


def _places(runs: Path, out: Path | None) -> _Places:
    """Of the first tour that is not complete, or that is not begun yet."""
    numbered = (_Places(runs, number, out) for number in count(1))
    return next(places for places in numbered if not places.is_taken() and not places.is_complete())


def _is_own(run: Run) -> bool:
    """Whether a run was begun by a tour: by the settings of one, whatever it is called."""
    row, document = FAMILIES[run.family], run.document()
    return document.get("family") == run.family and document.get("argv") == _typed(row, _given(row))


def _welcome(places: _Places, guide: _Guide) -> Iterator[str]:
    """What is about to happen, and whether a tour goes on or begins."""
    finished = [run for run in places.begun() if is_finished(run)]
    before = [_Places(places.root, number, None).made_page() for number in range(1, places.number)]
    complete = next((page for page in reversed(before) if page is not None), None)
    if places.begun():
        kept = f"{len(finished)} of {len(_rows())} networks are trained already" if finished else "none is trained yet"
        yield f"The tour that was stopped goes on: {kept}."
    elif complete is not None:
        yield f"The tour before is complete ({complete}); another one begins, whose runs are {places.name}-..."
    else:
        are = "is" if len(_rows()) == 1 else "are"
        networks = f"{counted(len(_rows()), 'network')} {are} going to be trained"
        yield f"{networks}, one after the other, each on data that came with the program."
    whole = sum(guide.stations.seconds) - sum(_seconds(FAMILIES[run.family]) for run in finished)
    yield f"It takes about {duration(whole)} on two cores; Ctrl-C stops it, and the same command goes on."


def _seconds(row: Family) -> float:
    return 0.0 if row.tour is None else row.tour.seconds + row.tour.before


def _trained(places: _Places, row: Family, guide: _Guide) -> Run:
    """A station: its network, trained now or before."""
    assert row.tour is not None, "a station of the tour"
    run, stations = places.run(row, Teller()), guide.stations
    begun_at, place = time.perf_counter(), f"{len(stations.taken) + 1} of {len(stations.names)}"
    if (run.path / "run.json").exists() and is_finished(run):
        guide.say(f"{place}: {run.path} is trained already.")
    else:
        guide.say(f"{place}, {duration(stations.left(0.0, None) or 0.0)} left in all. {row.tour.told}")
        _train(row, run, guide, begun_at)
        guide.say(f"{row.tour.result(best_held_out(run))} It lies in {run.path}.")
        if few := hardly_trained(run):
            guide.say(f"{few} For more: genmodels {row.train_command} --resume {run.quoted} --minutes 3")
    stations.taken.append(time.perf_counter() - begun_at)
    return run


def _train(row: Family, run: Run, guide: _Guide, begun_at: float) -> None:
    """Begin the run, or go on with it; notes on how short it is are nothing new here."""
    begun = (run.path / "run.json").exists()
    notice = guide.say if guide.accept else silent
    task: Any = run.go_on({}, {}, notice, accept=guide.accept) if begun else _begun(row, run, guide)
    reporter = guide.reporter_of(row, guide.stations)
    train(task, row, plan_of(run, task, task.settings), run, reporter, begun_at)


def _begun(row: Family, run: Run, guide: _Guide) -> Any:
    """The task of a new run, whose command line is the one that would train it alone."""
    assert row.tour is not None, "a station of the tour"
    given = _given(row)
    common: dict[str, Any] = {
        "config": None, "name": run.path.name, "runs": run.path.parent, "argv": _typed(row, given), "notice": silent,
        "counting": guide.counting,
    }  # fmt: skip
    if reads_text(row):
        return text_starting.new_run(given, **common)[1]
    return starting.new_run(row, given, dataset=row.tour.dataset, preset=None, **common)[1]


def _given(row: Family) -> dict[str, Any]:
    """The settings of a station."""
    assert row.tour is not None, "a station of the tour"
    return {**row.tour.settings, "minutes": round(row.tour.seconds / 60.0, 3)}


def _typed(row: Family, given: Mapping[str, Any]) -> list[str]:
    """The command line of a training."""
    dataset = [] if row.tour is None or row.tour.dataset is None else ["--dataset", row.tour.dataset]
    flags = [word for name, value in given.items() for word in (flag_of(name), str(value))]
    return [row.train_command, *dataset, *flags]


@contextmanager
def _stops_told(places: _Places) -> Iterator[None]:
    """A stop as somebody on a tour is told of it.

    Raises:
        Stopped: in place of the training's own, or of an interrupt.
    """
    hint = "the same command goes on with the tour."
    try:
        yield
    except Stopped as stopped:
        raise Stopped(
            f"the tour is stopped; what is trained is kept in {places.root}", hint, stopped.exit_code
        ) from stopped
    except KeyboardInterrupt:
        raise Stopped(f"the tour is stopped; what is trained is kept in {places.root}", hint) from None
