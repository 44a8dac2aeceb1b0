"""The generative adversarial networks: the family's row, and what can be asked of its runs."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.analysis.doubts import doubts_about
from genmodels.errors import RunError, UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families import latent
from genmodels.families.beside_real import SURER, chosen_by_all, measurer_beside_real
from genmodels.families.course import Course, course_title
from genmodels.families.doubtful import DOUBT, doubts_of
from genmodels.families.gan_alive import alive_generator, generator_exhibits
from genmodels.families.graph_images import generator_graph
from genmodels.families.tours import GAN_TOUR
from genmodels.families.walks_told import sheets_told
from genmodels.family import Family
from genmodels.runs import Epoch, Record
from genmodels.runs.epochs import chosen, told
from genmodels.runs.records import CHOSEN_BY
from genmodels.runs.run_dir import typed
from genmodels.settings.gan import GAN_PRESETS, GanSettings
from genmodels.telling import UNTOLD, Advance, Notice, Teller, silent

if TYPE_CHECKING:
    import numpy as np
    import torch
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.figures.gan import Points
    from genmodels.models import gan as networks
    from genmodels.models.stored import Loaded
    from genmodels.training.averaged import AveragedTask
    from genmodels.training.gan import GanTask

    LoadedGan = Loaded[networks.GAN, GanSettings]

LOSSES = ("discriminator_loss", "generator_loss")
OF_STEPS = ("score_real", "score_drawn", *LOSSES)
ERRORS = {name: f"{name}_standard_error" for name in ("kernel_distance", "class_kl", "precision", "recall")}
OF_EPOCHS = (
    "score_real", "score_drawn", "separation", "kernel_distance", "class_kl", "classes_present", "precision", "recall",
    "nearest_squared", "variety", *ERRORS.values(), "real/kernel_distance", "real/class_kl", "real/classes_present",
    "real/precision", "real/recall", "real/nearest_squared", *(f"real/{error}" for error in ERRORS.values()),
)  # fmt: skip
DISTANCES = ("kernel_distance", ERRORS["kernel_distance"])
DRAWN = (*DISTANCES, *(f"real/{name}" for name in DISTANCES), "precision", "recall")
JUDGED = frozenset(OF_EPOCHS) - {"score_real", "score_drawn", "separation"}  # by the classifier
FORMER_SCORE = "frechet_distance"  # of runs of earlier versions, by another classifier


class GanRun(latent.CodedRun):
    """A run of a generative adversarial network.

    Example:
        >>> run = genmodels.open_run("game", genmodels.GanRun)
        >>> run.course().save("game.png")
        PosixPath('game.png')
        >>> run.latent(seed=3).facts["kind"]
        'interpolate'
    """

    family: ClassVar[str] = "gan"
    measures: ClassVar[Sequence[str]] = (
        "classes_present", "class_kl", "kernel_distance", "precision", "recall", "nearest_squared", *ERRORS.values(),
    )  # fmt: skip
    errors: ClassVar[Mapping[str, str]] = ERRORS
    forms: ClassVar[Mapping[str, Format]] = {
        "kernel_distance": ".4f", "class_kl": ".4f", "nearest_squared": ".2f",
        **{ERRORS[name]: ".4f" for name in ("kernel_distance", "class_kl")},
    }  # fmt: skip
    told: ClassVar[str] = ""

    def restore(
        self, notice: Notice, device: str | None = None, again: Sequence[str] = (), text: str | None = None
    ) -> "AveragedTask":
        """See `Run.restore`.

        Raises:
            RunError: the epochs until now were measured by an earlier version, in another way.
        """
        if self._is_of_before():
            data = typed(Path(self.document()["data"]["sources"][0]))
            raise RunError(
                f"{self.path} was measured by the Fréchet distance, which this version does not measure: what it would "
                "measure from here on can't be compared with that, nor its best epoch chosen",
                f"begin a new run from its weights: genmodels train-gan --init-from {self.quoted} --dataset {data}.",
            )
        return super().restore(notice, device, again, text)

    def _is_of_before(self) -> bool:
        """Whether an earlier version measured it, by another distance and a classifier that knew what it judged."""
        return any(FORMER_SCORE in record for record in self.metrics())

    def evaluated(self, *measures: str) -> list[Record]:
        """See `Run.evaluated`.

        Raises:
            RunError: also where an earlier version measured the run, in another way.
        """
        self._check_measures(measures)
        return super().evaluated(*measures)

    def follow(self, score: str, name: str | None = None) -> Course:
        """See `Run.follow`.

        Raises:
            RunError: also where an earlier version measured the run, in another way.
        """
        self._check_measures([score])
        return super().follow(score, name)

    def _check_measures(self, measures: Sequence[str]) -> None:
        if not JUDGED.isdisjoint(measures) and self._is_of_before():
            raise RunError(
                f"{self.path} was measured by an earlier version: its Fréchet distances, and what stands beside them, "
                "can't be compared with what this one measures",
                f"measure its epochs anew: genmodels eval-images --run {self.quoted} --epochs all.",
            )

    def load(self, checkpoint: Path, device: "torch.device") -> "LoadedGan":
        """See `ImageRun.load`; epochs keep the generator alone, so the discriminator is a fresh one, of no use."""
        from genmodels.models import gan as networks
        from genmodels.models.stored import load

        return load(
            checkpoint, device, GanSettings, lambda settings, shape, _: networks.GAN(settings, shape), "generator"
        )

    def draw_from(
        self,
        loaded: "LoadedGan",
        count: int,
        seed: int,
        labels: Sequence[int] | None = None,
        binary: bool = False,
        advance: Advance = silent,
    ) -> "NDArray[np.float32]":
        """Images that the generator makes of codes from N(0, I); binary: each pixel drawn as 0 or 1 by its value."""
        del labels  # it knows no classes
        from genmodels.sampling.images import as_targets, draw_gan

        grey = draw_gan(loaded.model, count, seed, advance=advance)
        drawn = as_targets(grey, "dynamic" if binary else "none", seed)
        images: NDArray[np.float32] = drawn.numpy()
        return images

    def drawn_told(self, loaded: "LoadedGan", images: "Sequence[NDArray[np.float32]]", binary: bool) -> str:
        """See `ImageRun.drawn_told`."""
        del loaded
        drawn = ", and each pixel is drawn as black or white by its value" if binary else ""
        code = f"what the generator makes of a code z from N(0, I){drawn}"
        if len(images[0]) == 1:
            return f"The image is {code}."
        if (alike := sheets_told(images, "generator")) != "":
            return alike
        return (
            f"Each image is {code}: look whether the same image comes again and again, and whether a class is missing."
        )

    def measurer(
        self, part: "Images", count: int, importance_samples: int | None, seed: int, images: "ImageSet"
    ) -> "Callable[[LoadedGan], Record]":
        """Classes and distances of drawn images beside real ones, which are measured once; see `ImageRun.measurer`."""
        if importance_samples is not None:
            self.teller.notice("a GAN has no likelihood, so importance samples mean nothing here")
        if part.stream != "test":
            raise UsageError(
                f"--split {part.stream}, but a GAN's images are compared with test images (and with all training "
                "images, for copies)",
                "leave --split out.",
            )
        return measurer_beside_real(part, count, seed, images, self.teller)

    def reference(self, results: Sequence[Record]) -> list[Record]:
        """Training images measured as if they had been drawn; see `ImageRun.reference`."""
        first = results[0]
        real = {name.removeprefix("real/"): value for name, value in first.items() if name.startswith("real/")}
        return [{"epoch": "(real images)", "images": first["images"], **real, DOUBT: False}]

    def doubts(self, results: Sequence[Record]) -> list[str]:
        """See `ImageRun.doubts`."""
        chosen = dict.fromkeys(told for one in results for told in self.chosen_told(one))
        few = doubts_about(results[0]["images"], {f"epoch {one['epoch']}": one for one in results})
        alike = [SURER] if len(results) > 1 else []
        return [*few, *chosen, *alike]

    def chosen_told(self, state: Mapping[str, Any]) -> list[str]:
        """See `ImageRun.chosen_told`: earlier versions chose by all test images."""
        if state.get(CHOSEN_BY) is not None or self.setting("val_images") not in {0, "?"}:
            return []
        return [chosen_by_all(self.name)]

    def nats(self, state: Mapping[str, Any]) -> None:
        """None: it has no likelihood."""

    def walk(
        self,
        kind: str | None,
        *,
        epoch: Epoch | None,
        images: Sequence[int] | None,
        dimensions: Sequence[int] | None,
        steps: int | None,
        classes: Sequence[str] | None,
        seed: int | None,
        device: str,
    ) -> Exhibit:
        """See `CodedRun.latent`."""
        return latent.of_generator(
            self, kind, epoch=epoch, images=images, dimensions=dimensions, steps=steps, classes=classes,
            seed=seed, device=device,
        )  # fmt: skip

    def course(self, epoch: Epoch | None = None) -> Exhibit:
        """How the game went: scores and losses by step, the kernel distance by epoch, the classes that are drawn.

        Args:
            epoch: whose classes are shown; None: that of the lowest kernel distance.

        Raises:
            RunError: no epoch is finished yet, or that one was not evaluated.
        """
        evaluations = self.evaluated("kernel_distance")
        shown, data = self._shown(evaluations, epoch), self.document()["data"]
        classes: list[str] = (data.get("classes") or []) if "share/0" in shown else []
        counts: list[int] = data.get("class_counts") or []
        title = course_title("game of the two networks", self.titled, f"{self.data_told}, {self.setting('loss')} loss",
                             "epoch")  # fmt: skip

        def draw(title: str) -> "Figure":
            from genmodels.figures.gan import GanCourse, gan_figure

            losses = self.follow(LOSSES[0])
            drawn = GanCourse(
                steps={name: _points(course := self.follow(name), course.while_training) for name in OF_STEPS},
                epochs={name: self._points_after(name, str(shown["split"])) for name in DRAWN if name in shown},
                shares={name: shown[f"share/{index}"] for index, name in enumerate(classes)},
                data={name: count / sum(counts) for name, count in zip(classes, counts, strict=False)},
                epoch=shown["epoch"],
                probabilities=self.setting("loss") == "non-saturating",
                images=shown.get("images"),
                at=self.follow("kernel_distance").epoch_of(shown),
                joined=losses.joined,
                again=losses.again,
                measured={name: self._points_after(name, str(shown["split"])) for name in OF_STEPS if name in shown},
                doubts=doubts_of(shown, precision=not classes),
            )
            return gan_figure(drawn, title)

        shares = (f"share/{index}" for index in range(len(classes)))
        columns = ("epoch", "step", "split", *OF_EPOCHS, *LOSSES, *shares, "seconds")
        table = Table(title, dict.fromkeys(columns, "short"), evaluations, shown=False)
        return Exhibit(self.family, title, {"evaluations": evaluations}, [table], draw)

    def _points_after(self, name: str, split: str) -> "Points":
        """A measure on a part of the data, after each epoch."""
        course = self.follow(name)
        return _points(course, course.of_part(split))

    def _shown(self, evaluations: Sequence[Record], epoch: Epoch | None) -> Record:
        """The evaluation of an epoch, or the one with the lowest kernel distance after the first step.

        Raises:
            RunError: there is none.
        """
        if epoch is None:
            trained = [record for record in evaluations if record["epoch"] > 0]
            return min(trained, key=lambda record: record["kernel_distance"])
        known = {math.ceil(record["epoch"]): record for record in evaluations}  # one that is cut short goes by both
        known |= {record["epoch"]: record for record in evaluations}
        number = chosen(epoch, sorted(known))
        if number is None:
            hint = f"evaluated are: {told([record['epoch'] for record in evaluations])}."
            raise RunError(f"{self.path} has no evaluation of epoch {epoch}", hint)
        return known[number]


def _points(course: Course, records: Sequence[Record]) -> "Points":
    return [course.epoch_of(record) for record in records], [float(record[course.score]) for record in records]


def _prepare(settings: GanSettings, images: "ImageSet", teller: Teller = UNTOLD) -> "GanTask":
    from genmodels.training.gan import prepare

    return prepare(settings, images, teller)


GAN = Family(
    name=GanRun.family,
    title="GAN",
    settings=GanSettings,
    presets=GAN_PRESETS,
    prepare=_prepare,
    run=GanRun,
    commands=("plot_gan", "eval_images", "sample_images", "compare_images"),
    steps={"discriminator_loss": "D loss", "generator_loss": "G loss"},
    unit="images",
    left_out="the discriminator",
    score="kernel_distance",
    called="kernel distance",
    named={"class_kl": "KL of the classes in nats", "classes_present": "classes drawn", "separation": "told apart"},
    best=min,
    measures={
        "kernel_distance": ".4f", ERRORS["kernel_distance"]: ".4f", "class_kl": ".4f", "classes_present": ".2f",
        "precision": ".3f", "recall": ".3f", "separation": ".3f",
    },
    next_commands=("sample-images", "plot-gan", "eval-images"),
    paired_by="compare-images",
    axes={
        "kernel_distance": "kernel distance to held-out images (MMD²)",
        "class_kl": "KL of the classes drawn (nats)",
        "score_real": "the discriminator's score of real images",
        "score_drawn": "the discriminator's score of drawn images",
        "discriminator_loss": "loss of the discriminator",
        "generator_loss": "loss of the generator",
    },
    help="""\
    Train a generative adversarial network.

    A generator draws, a discriminator tells drawn images from real ones.

    A small classifier, trained once for each image set, counts the classes that are drawn; in its features lie the
    kernel distance to real images, precision and recall.

    Examples:

      genmodels train-gan                                     (MNIST, or the rendered digits)

      genmodels train-gan --minutes 20 --loss hinge

      genmodels train-gan --model mlp --dataset fashion-mnist

      genmodels train-gan --resume last
    """,
    begins={"dcgan": 400, "mlp": 1000},
    does="to draw what can be recognised",
    alive=alive_generator,
    exhibits=generator_exhibits,
    graph=generator_graph,
    tour=GAN_TOUR,
)  # fmt: skip
