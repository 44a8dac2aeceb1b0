"""The variational autoencoders: the family's row, and what can be asked of its runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.families import latent
from genmodels.families.any_class import bounds_of_any_class, can_be_summed, nats_of_any_class
from genmodels.families.course import Course
from genmodels.families.curves import before_comparing, check_same_targets, first_weights_of, follow_all, title_of
from genmodels.families.graph_images import code_graph
from genmodels.families.learned import tested_images
from genmodels.families.nats import Nats, measured_part
from genmodels.families.reconstructed import reconstructed
from genmodels.families.tours import VAE_TOUR
from genmodels.families.vae_alive import alive_codes, code_exhibits
from genmodels.families.walks_told import sheets_told
from genmodels.family import Family
from genmodels.runs import Epoch, Epochs, Record
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_list, check_seed
from genmodels.settings.vae import VAE_PRESETS, VaeSettings
from genmodels.telling import UNTOLD, Advance, Teller, silent

if TYPE_CHECKING:
    import numpy as np
    import torch
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models import vae as networks
    from genmodels.models.stored import Loaded
    from genmodels.training.vae import VaeTask

    LoadedVae = Loaded[networks.VAE, VaeSettings]

IMPORTANCE_SAMPLES = 50
SHOWN = 3  # epochs of reconstructions
TERMS = ("elbo", "reconstruction", "kl")
BOUNDS = ("elbo", "importance_weighted_bound", "marginal_elbo", "marginal_bound")
ERRORS = {name: f"{name}_standard_error" for name in BOUNDS}
COURSE_COLUMNS = ("run", "epoch", "step", "split", *TERMS, "active_units", "elbo_standard_error", "seconds")


class VaeRun(latent.CodedRun):
    """A run of a variational autoencoder.

    Example:
        >>> run = genmodels.open_run("first", genmodels.VaeRun)
        >>> run.latent("interpolate", images=[3, 17]).save("between.png")
        PosixPath('between.png')
        >>> run.course().facts["evaluations"][-1]["split"]
        'test'
    """

    family: ClassVar[str] = "vae"
    measures: ClassVar[Sequence[str]] = (
        "elbo", "reconstruction", "kl", "active_units", "importance_weighted_bound", "marginal_elbo", "marginal_bound",
        *ERRORS.values(),
    )  # fmt: skip
    errors: ClassVar[Mapping[str, str]] = ERRORS

    @property
    def given(self) -> str:
        """See `ImageRun.given`."""
        return "class" if self.setting("conditional") is True else ""

    @property
    def targets_told(self) -> str:
        """See `ImageRun.targets_told`; bounds of log p(x) and of log p(x|class) say nothing beside each other."""
        return super().targets_told + self.given_told

    def follow(self, score: str, name: str | None = None) -> Course:
        """See `Run.follow`; the axis of a term says what it is given."""
        course = super().follow(score, name)
        return replace(course, axis=_axes(self.given).get(score, course.axis))

    def load(self, checkpoint: Path, device: "torch.device") -> "LoadedVae":
        """See `ImageRun.load`."""
        from genmodels.models import vae as networks
        from genmodels.models.stored import load

        def build(settings: VaeSettings, shape: tuple[int, int], classes: tuple[str, ...] | None) -> networks.VAE:
            return networks.VAE.from_settings(settings, shape, None if classes is None else len(classes))

        return load(checkpoint, device, VaeSettings, build)

    def draw_from(
        self,
        loaded: "LoadedVae",
        count: int,
        seed: int,
        labels: Sequence[int] | None = None,
        binary: bool = False,
        advance: Advance = silent,
    ) -> "NDArray[np.float32]":
        """Images of codes from N(0, I): the pixels' probabilities, or pixels drawn from them."""
        from genmodels.sampling.images import draw_images

        classes = loaded.model.classes
        if labels is None and classes is not None:
            labels = [index % classes for index in range(count)]
        return draw_images(loaded.model, count, labels, seed, binary, advance)

    def labels_of(self, loaded: "LoadedVae", count: int, classes: Sequence[str] | None) -> list[int] | None:
        """See `ImageRun.labels_of`."""
        if not loaded.settings.conditional:
            if classes is not None:
                raise UsageError(
                    f"{self.path} is not conditional, so no classes can be asked of it",
                    "leave them out; for a run that takes them: genmodels train-vae --conditional.",
                )
            return None
        assert loaded.classes is not None, "a conditional model knows its classes"
        wanted = loaded.classes if classes is None else classes
        for name in wanted:
            if name not in loaded.classes:
                known = ", ".join(loaded.classes)
                raise DataError(f"there is no class {name!r} in {self.path}", f"the classes are: {known}.")
        return [loaded.classes.index(wanted[index % len(wanted)]) for index in range(count)]

    def drawn_told(self, loaded: "LoadedVae", images: "Sequence[NDArray[np.float32]]", binary: bool) -> str:
        """See `ImageRun.drawn_told`."""
        del loaded
        if (alike := sheets_told(images, "decoder")) != "":
            return alike
        code = f"{'The' if len(images[0]) == 1 else 'Each'} image has a code z from N(0, I)"
        if binary:
            return (
                f"{code}; each pixel is drawn by itself from the probability that the decoder gives it: look at the "
                "ragged edges."
            )
        return (
            f"{code}; a pixel is as dark as ink is probable to the decoder: look at the grey edges, where it is not "
            "sure."
        )

    def measurer(
        self, part: "Images", count: int, importance_samples: int | None, seed: int, images: "ImageSet"
    ) -> "Callable[[LoadedVae], Record]":
        """The ELBO and its terms, and with binary targets the importance-weighted bound; see `ImageRun.measurer`.

        Of a conditional model they are of log p(x|class); those called "marginal" are of log p(x), over all classes.
        """
        samples = IMPORTANCE_SAMPLES if importance_samples is None else importance_samples
        if part.binarize == "none" and samples > 0:
            self.teller.notice("grey targets have no importance-weighted bound; --binarize dynamic gives one")
            samples = 0
        if self.given and not can_be_summed(images):
            self.teller.notice(f"no bound of log p(x): {len(images.classes or ())} classes are too many to sum over")
        return partial(self._measure, part=part, count=count, samples=samples, seed=seed, images=images)

    def _measure(
        self, loaded: "LoadedVae", part: "Images", count: int, samples: int, seed: int, images: "ImageSet"
    ) -> Record:
        from genmodels.analysis.elbo import evaluate_elbo, evaluated_codes, importance_bound
        from genmodels.device import step_generator

        device = part.pixels.device
        codes = step_generator(device, seed, evaluated_codes(part.stream), 0)
        measures = evaluate_elbo(loaded.model, part.in_order(count), codes)
        kl = [round(value, 5) for value in measures.kl_by_dimension]
        result: Record = {**measures.to_record(), "kl_by_dimension": kl}
        told = f"epoch {loaded.epoch}"
        if samples:
            generator = step_generator(device, seed, "eval importance", 0)
            with self.teller.counting(f"{told}, importance samples", count * samples) as advance:
                bound = importance_bound(loaded.model, part.in_order(count), samples, generator, advance)
            result |= bound.to_record()
        if self.given and can_be_summed(images):
            result |= bounds_of_any_class(loaded, told, part, count, samples, seed, images, self.teller)
        return result

    def nats_beside(self, loaded: "LoadedVae", name: str, images: "ImageSet", device: "torch.device") -> Nats:
        """See `ImageRun.nats_beside`: over all classes, where they are few enough to sum over."""
        if not self.given or not can_be_summed(images):
            return self.nats(loaded.state)
        return nats_of_any_class(loaded, name, images, device, self.teller)

    def nats(self, state: Mapping[str, Any]) -> Nats:
        """The negative lower bound, which -log p does not exceed."""
        part, found = measured_part(state)
        return Nats(-float(found["elbo"]), "<=", part, self.given, found.get(ERRORS["elbo"]))

    def reconstruct(
        self,
        epochs: Epochs | None = None,
        images: int | Sequence[int] | None = None,
        *,
        sample: bool = False,
        seed: int = 1,
        device: str = "auto",
    ) -> Exhibit:
        """Test images and what the model makes of them after some epochs, with log p(x|z) in nats below each.

        Args:
            epochs: None: the first, the middle and the last that were kept; of fewer than three, parts of them too.
            images: numbers of test images; None: one of each class.
            sample: draw the code from q(z|x) instead of taking its mean.
            seed: of the drawn codes.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            RunError: an epoch was not kept.
            UsageError: there is no such image, or a value is out of its range.
            DataError: the images have changed or are gone.
        """
        seed = check_seed(seed)
        images = None if images is None else check_list("--images", images, int)
        checkpoints = self.epoch_checkpoints(self._usual_epochs() if epochs is None else epochs)
        from genmodels.analysis.reconstruction import reconstruct
        from genmodels.data.images.batches import Images, rows_of
        from genmodels.data.images.image_set import choose_test_images, class_names, has_grey
        from genmodels.device import choose_device

        where = choose_device(device).device
        data = tested_images([self])
        loaded = [self.load(checkpoint, where) for checkpoint in checkpoints]
        rows = choose_test_images(data, images, self.teller.notice)
        settings = loaded[0].settings
        batch = rows_of(Images(data.test, settings.binarize, settings.seed, where, "test"), rows)
        described = {"data": data.name, "binarize": settings.binarize, "rows": rows, "names": class_names(data, rows)}
        models, numbers = [one.model for one in loaded], [one.epoch for one in loaded]
        result = reconstruct(models, numbers, batch, described, sample, seed)
        facts, code = {"run": str(self.path), **result.to_record()}, "drawn from" if sample else "the mean of"
        return reconstructed(
            f"Test images of {data.name} and their reconstructions by {self.called(loaded[0])}", facts, result,
            data.ink, code=code, given=self.given, grey=has_grey(data.test.pixels[rows]), picked=images is None,
        )  # fmt: skip

    def _usual_epochs(self) -> list[float]:
        """The first, the middle and the last that were kept: 1, 10 and 20 of twenty; of few epochs parts too."""
        reached = self.length().all_reached
        kept = reached(self.epochs())
        if sum(isinstance(number, int) for number in kept) < SHOWN:
            kept = reached(self.kept())
        if not kept:
            return [1]  # the checkpoint's own error says that there is none yet
        return sorted({kept[0], kept[(len(kept) - 1) // 2], kept[-1]})

    def course(self) -> Exhibit:
        """The lower bound by epoch, and its two terms; see `courses`."""
        return courses([self])

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
        return latent.of_codes(
            self, kind, epoch=epoch, images=images, dimensions=dimensions, steps=steps, classes=classes,
            seed=seed, device=device,
        )  # fmt: skip


def courses(runs: Sequence[VaeRun]) -> Exhibit:
    """The lower bound by epoch on train and held-out images, and its two terms, of one run or several.

    Raises:
        RunError: a run has no finished epoch yet.
        UsageError: the runs have different targets, which say nothing beside each other; or none is named.
    """
    check_same_targets(runs)
    records = [run.evaluated(*TERMS) for run in runs]
    names = run_names(runs)
    followed = {term: follow_all(runs, term) for term in TERMS}
    title = title_of(followed[TERMS[0]][0].axis, runs, "epoch")
    rows = [{"run": name} | record for name, of_run in zip(names, records, strict=True) for record in of_run]

    def draw(title: str) -> "Figure":
        from genmodels.figures.elbo import elbo_figure

        lines = {term: [line for course in of for line in course.curves()] for term, of in followed.items()}
        return elbo_figure(lines, title, runs[0].given, remarks)

    remarks = before_comparing(runs)
    facts = {"evaluations": rows, "first_weights": first_weights_of(runs)}
    table = Table(title, dict.fromkeys(COURSE_COLUMNS, "short"), rows, shown=False)
    return Exhibit("elbo", title, facts, [table], draw, remarks=remarks)


def _axes(given: str = "") -> dict[str, str]:
    """What the axes of its measures are called, where encoder and decoder are given something besides or nothing."""
    also = f", {given}" if given else ""
    return {
        "elbo": "lower bound, ELBO (nats per image)",
        "reconstruction": f"reconstruction, E log p(x|z{also}) (nats per image)",
        "kl": f"KL(q(z|x{also}) || p(z)) (nats per image)",
        "active_units": "active dimensions of the code",
    }


def _prepare(settings: VaeSettings, images: "ImageSet", teller: Teller = UNTOLD) -> "VaeTask":
    from genmodels.training.vae import prepare

    return prepare(settings, images, teller)


VAE = Family(
    name=VaeRun.family,
    title="VAE",
    settings=VaeSettings,
    presets=VAE_PRESETS,
    prepare=_prepare,
    run=VaeRun,
    commands=("reconstruct", "plot_elbo", "plot_latent"),
    steps={"elbo": "ELBO"},
    unit="images",
    score="elbo",
    score_unit="nats/image",
    best=max,
    measures=dict.fromkeys(("elbo", "reconstruction", "kl", "active_units"), ".2f"),
    next_commands=("reconstruct", "plot-elbo", "sample-images"),
    told="; nats per image",
    axes=_axes(),
    help="""Train a variational autoencoder on images.

    Examples:

      genmodels train-vae                                     (MNIST, or the rendered digits)

      genmodels train-vae --dataset fashion-mnist --model mlp --minutes 3

      genmodels train-vae --dataset digits --conditional --latent-size 2

      genmodels train-vae --preset classic                    (784-400-20, as in the textbooks)

      genmodels train-vae --resume last
    """,
    begins={"mlp": 100, "conv": 100},
    does="to draw what can be recognised",
    alive=alive_codes,
    exhibits=lambda run: code_exhibits(run, run.reconstruct),
    graph=code_graph,
    tour=VAE_TOUR,
)
