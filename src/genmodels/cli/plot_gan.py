"""plot-gan: how the game went, from metrics.jsonl alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.tables import as_csv
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import RunError
from genmodels.runs import Record, RunDir, find_run

if TYPE_CHECKING:
    from genmodels.figures.gan import Points

LOSSES = ("discriminator_loss", "generator_loss")
OF_STEPS = ("score_real", "score_drawn", *LOSSES)
OF_EPOCHS = (
    "score_real", "score_drawn", "separation", "frechet_distance", "frechet_floor", "class_kl", "classes_present",
    "precision", "recall", "nearest_distance", "nearest_real",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plot-gan")(plot_gan)


def plot_gan(
    run: options.RunName = None,
    epoch: Annotated[int | None, typer.Option(help="Whose classes are shown.", show_default="the best", min=0)] = None,
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Plot how the game went: D(x) and D(G(z)), the losses, the Fréchet distance by epoch, and the classes drawn.

    Examples:

      genmodels plot-gan

      genmodels plot-gan --epoch 1 --out first.pdf --csv course.csv
    """
    del debug
    found = find_run(runs, run, "gan")
    document = found.document()
    evaluations = [record for record in found.evaluations() if "frechet_distance" in record]
    shown = _chosen(found, evaluations, epoch)
    target = out or found.path / "figures" / "gan.png"
    from genmodels.figures.gan import GanCourse, gan_figure
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    names, counts = (document["data"].get(key) or [] for key in ("classes", "class_counts"))
    names = names if "share/0" in shown else []
    value = {name: entry["value"] for name, entry in document["settings"].items()}
    course = GanCourse(
        steps={name: _points(_steps(found), name) for name in OF_STEPS},
        epochs={name: _points(evaluations, name) for name in OF_EPOCHS if name in shown},
        shares={name: shown[f"share/{index}"] for index, name in enumerate(names)},
        data={name: count / sum(counts) for name, count in zip(names, counts, strict=False)},
        epoch=shown["epoch"],
        probabilities=value.get("loss") == "non-saturating",
    )
    title = f"{document['data'].get('name', '?')}, binarize {value.get('binarize', '?')}, {value.get('loss', '?')}"
    save_figure(gan_figure(course, title), target)
    if csv_file is not None:
        with disk_errors(csv_file):
            columns = ("epoch", "step", "split", *OF_EPOCHS, *LOSSES, *(f"share/{i}" for i in range(len(names))))
            replace_file(csv_file, as_csv((*columns, "seconds"), evaluations))
    if json:
        write_result(to_json({"figure": str(target), "evaluations": evaluations}).decode().rstrip())
        return
    write_result(str(target))


def _chosen(run: RunDir, evaluations: Sequence[Record], epoch: int | None) -> Record:
    """The evaluation of an epoch, or the one with the lowest Fréchet distance after the first step.

    Raises:
        RunError: there is none.
    """
    trained = [record for record in evaluations if record["epoch"] > 0]
    if not trained:
        raise RunError(f"{run.path} has no finished epoch yet", f"train it further: --resume {run.quoted} goes on.")
    if epoch is None:
        return min(trained, key=lambda record: record["frechet_distance"])
    of_epoch = [record for record in evaluations if record["epoch"] == epoch]
    if not of_epoch:
        raise RunError(
            f"{run.path} has no evaluation of epoch {epoch}", f"it has those of 0 to {evaluations[-1]['epoch']}."
        )
    return of_epoch[-1]


def _steps(run: RunDir) -> list[Record]:
    """Records of training, with where in which epoch each ends: the last one of an epoch ends it."""
    records = [dict(record) for record in run.metrics() if "steps" in record]
    per_epoch = max((record["step"] for record in records if record["epoch"] == 1), default=1)
    return [record | {"epoch": record["step"] / per_epoch} for record in records]


def _points(records: Sequence[dict[str, Any]], name: str) -> "Points":
    kept = [record for record in records if name in record]
    return [float(record["epoch"]) for record in kept], [float(record[name]) for record in kept]
