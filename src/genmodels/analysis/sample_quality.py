"""How good drawn images are, beside real ones: classes, kernel distance, precision and recall, nearest neighbours."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.classifying import Referee
from genmodels.analysis.doubts import REAL
from genmodels.analysis.kernel_distance import Features, distance_difference, kernel_distance
from genmodels.analysis.sides import Sides
from genmodels.analysis.standard_errors import LEAST_SHARE, Difference, error_of_divergence, error_of_share
from genmodels.data.images.batches import Images
from genmodels.data.images.parts import Part
from genmodels.runs import Record

OF_REAL = (
    "kernel_distance", "kernel_distance_standard_error", "precision", "precision_standard_error",
    "recall", "recall_standard_error", "nearest_squared", "class_kl", "class_kl_standard_error", "classes_present",
)  # fmt: skip
NEIGHBOURS = 3  # as Kynkäänniemi et al. chose
MANIFOLD_POINTS = 2_000  # images on each side of precision and recall
COMPARED_PIXELS = 500  # drawn images whose nearest training image is looked for
PRESENT_SHARE = 0.1  # a class is present when it has this much of its share in the data
POOLED = 8  # rows and columns to which images without classes are scaled down for their features


def precision_and_recall(drawn: Features, real: Features) -> tuple[float, float]:
    """Share of drawn images among the real ones, and of real ones among the drawn (arXiv 1904.06991).

    "Among" means: nearer to some image of the other side than that one's third nearest neighbour on its own side is.

    Args:
        drawn: shape (N, F).
        real: shape (M, F).
    """
    ours, theirs = torch.from_numpy(drawn), torch.from_numpy(real)
    across = torch.cdist(ours, theirs)  # (N, M)
    return _covered(across, theirs), _covered(across.T, ours)


def _covered(across: Tensor, there: Tensor) -> float:
    """Share of rows that lie within the neighbourhood of some point there."""
    rank = min(NEIGHBOURS + 1, len(there))  # each point is its own nearest
    radius = torch.cdist(there, there).kthvalue(rank, dim=1).values
    return float((across <= radius).any(dim=1).double().mean())


def variety_of(drawn: Features, real: Features) -> float:
    """Variance of drawn images over that of real ones, summed over all features; 1 where real ones have none.

    Args:
        drawn: shape (N, F).
        real: shape (M, F).
    """
    there = float(real.var(axis=0).sum())
    return 1.0 if there == 0.0 else float(drawn.var(axis=0).sum()) / there


def nearest_squares(images: Tensor, train: Tensor, drawn: bool) -> NDArray[np.float64]:
    """Squared Euclidean distance, over pixels from 0 to 1, from each image to the nearest of the training images.

    A copy that is drawn as black and white differs from its grey original by chance alone: with probabilities p its
    squared distance is sum p (1 - p) on average, which is taken off. So exact copies have 0, drawn or grey.

    Args:
        images: shape (N, Y, X).
        train: uint8, shape (M, Y, X).
        drawn: whether pixels of the images are 0 or 1, drawn with the probabilities that training images give.
    """
    flat = images.flatten(1)
    best = torch.full((len(flat),), torch.inf, device=flat.device)
    for piece in torch.split(train, 10_000):
        there = piece.flatten(1).to(flat) / 255.0
        squares = torch.cdist(flat, there, compute_mode="use_mm_for_euclid_dist").square()
        if drawn:
            squares -= (there * (1.0 - there)).sum(dim=1)
        best = torch.minimum(best, squares.amin(dim=1))
    return best.cpu().double().numpy()


def separation(real: Tensor, drawn: Tensor) -> float:
    """Share of the pairs of a real and a drawn image in which the real one has the higher score; a tie counts half.

    0.5 means that the discriminator can't tell them apart, 1 that it always does. It is the area under the curve of
    true against false positives (Mann and Whitney 1947), so it depends on no threshold and no loss.

    Args:
        real: shape (N,).
        drawn: shape (M,).
    """
    ordered = drawn.sort().values
    below = torch.searchsorted(ordered, real, side="left") + torch.searchsorted(ordered, real, side="right")
    return float(below.cpu().double().mean() / (2 * len(drawn)))


@dataclass(frozen=True)
class Classes:
    """Which classes images belong to, by the classifier.

    Args:
        shares: of each class, shape (C,).
        kl: sum over classes of p log(p / q), nats, with p these shares and q the data's.
        present: classes that have at least a tenth of their share in the data.
        kl_error: standard error of `kl`, over images; None where all are of one class.
    """

    shares: NDArray[np.float64]
    kl: float
    present: int
    kl_error: float | None


def class_balance(classes: NDArray[np.int64], data: NDArray[np.float64]) -> Classes:
    """Shares of the classes beside those in the data.

    Args:
        classes: number of each image's class, shape (N,).
        data: shares of the classes in the data, shape (C,).
    """
    shares = np.bincount(classes, minlength=len(data)) / len(classes)
    there = shares > 0
    kl = float((shares[there] * np.log(shares[there] / data[there].clip(min=LEAST_SHARE))).sum())
    present = int(((shares >= PRESENT_SHARE * data) & (data > 0)).sum())
    return Classes(shares, max(0.0, kl), present, error_of_divergence(shares, data, len(classes)))


@dataclass(frozen=True)
class Quality:
    """What `Yardstick` finds of some images.

    Args:
        kernel_distance: to real images, squared; see the function.
        kernel_distance_standard_error: of it.
        precision: share of the images that lie among real ones.
        precision_standard_error: over these images, the real ones given.
        recall: share of the real images that lie among them.
        recall_standard_error: over the real images, these given.
        nearest_squared: mean squared distance to the nearest training image; see `nearest_squares`.
        variety: variance of their features as a share of that of the real ones.
        classes: which classes they are of; None for a set without.
        features: theirs, shape (N, F), by which their distance is held against that of others.
    """

    kernel_distance: float
    kernel_distance_standard_error: float
    precision: float
    precision_standard_error: float | None
    recall: float
    recall_standard_error: float | None
    nearest_squared: float
    variety: float
    classes: Classes | None
    features: Features = field(repr=False, compare=False)

    def to_record(self) -> Record:
        """Plain numbers for metrics.jsonl; shares of the classes as "share/0" and so on."""
        apart = ("classes", "features")
        record: Record = {name: value for name, value in vars(self).items() if name not in apart and value is not None}
        if self.classes is not None:
            error = {} if self.classes.kl_error is None else {"class_kl_standard_error": self.classes.kl_error}
            record |= {"class_kl": self.classes.kl, **error}
            record["classes_present"] = self.classes.present
            record |= {f"share/{index}": float(share) for index, share in enumerate(self.classes.shares)}
        return record


class Yardstick:
    """Real images, measured once, beside which drawn ones are.

    Features are the classifier's; of a set without classes, the means of 8x8 parts of the image.

    Args:
        sides: the real images.
        binarize: what is made of their pixels.
        referee: the set's classifier, or None.
        device: where they live.
        seed: of binarisation.
        most: images compared at most.
    """

    checks = 3
    """How often `measure` calls its `check`."""

    def __init__(
        self, sides: Sides, binarize: str, referee: Referee | None, device: torch.device, seed: int = 1,
        most: int = 10_000,
    ) -> None:  # fmt: skip
        self.referee, self.drawn = referee, binarize == "dynamic"
        self.count = min(most, len(sides.held_out.pixels), len(sides.beside.pixels))
        self.train = Images(sides.train, binarize, seed, device, "train")
        # Mixed, as parts of them are taken below and a set may be sorted by class.
        order = torch.randperm(self.count, generator=torch.Generator().manual_seed(1))
        held_out = in_order(Images(sides.held_out, binarize, seed, device, "test"), self.count)[order]
        self.data = None if referee is None else _shares(sides.train, referee.network.read_out.out_features)
        self._real, _ = self._read(held_out)
        trained = self.measure(in_order(Images(sides.beside, binarize, seed, device, "beside"), self.count)[order])
        self.real = replace(trained, nearest_squared=self._nearest(held_out))

    def _read(self, images: Tensor) -> tuple[Features, NDArray[np.int64] | None]:
        if self.referee is not None:
            return self.referee.read(images)
        pooled = functional.adaptive_avg_pool2d(images.unsqueeze(1), POOLED)
        return pooled.flatten(1).cpu().double().numpy(), None

    def _nearest(self, images: Tensor) -> float:
        return float(nearest_squares(images[:COMPARED_PIXELS], self.train.pixels, self.drawn).mean())

    def measure(self, images: Tensor, check: Callable[[], None] = lambda: None) -> Quality:
        """Measure drawn images.

        Args:
            images: `count` of them, shape (N, Y, X), from 0 to 1.
            check: called between the parts of the work; may raise to stop.
        """
        drawn, kinds = self._read(images)
        check()
        distance, error = kernel_distance(_short(drawn), _short(self._real))
        check()
        ours, theirs = drawn[:MANIFOLD_POINTS], self._real[:MANIFOLD_POINTS]
        precision, recall = precision_and_recall(ours, theirs)
        check()
        return Quality(
            kernel_distance=distance,
            kernel_distance_standard_error=error,
            precision=precision,
            precision_standard_error=error_of_share(precision, len(ours)),
            recall=recall,
            recall_standard_error=error_of_share(recall, len(theirs)),
            nearest_squared=self._nearest(images),
            variety=variety_of(drawn, self._real),
            classes=None if kinds is None or self.data is None else class_balance(kinds, self.data),
            features=drawn,
        )

    def difference(self, one: Quality, other: Quality) -> Difference:
        """The kernel distance of the second images minus that of the first; both are to the same real images."""
        value, error = distance_difference(*map(_short, (one.features, other.features, self._real)))
        return Difference(value, error, paired=True, things=self.count)

    def to_record(self, quality: Quality) -> Record:
        """Plain numbers for metrics.jsonl: of drawn images, and as "real/precision" and so on of real ones."""
        real = {name: value for name, value in self.real.to_record().items() if name in OF_REAL}
        return {**quality.to_record(), **{f"{REAL}/{name}": value for name, value in real.items()}}


def _short(features: Features) -> Features:
    """In numbers of half the length, with which kernels are computed twice as fast."""
    return features.astype(np.float32)


def _shares(part: Part, classes: int) -> NDArray[np.float64] | None:
    """Shares of the classes, shape (C,)."""
    if part.labels is None:
        return None
    counts = np.bincount(part.labels, minlength=classes)
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def in_order(images: Images, count: int) -> Tensor:
    """`count` images as one tensor (N, Y, X), the same ones each time."""
    return torch.cat([batch.images for batch in images.in_order(count)])
