"""How good drawn images are, beside real ones: classes, Fréchet distance, precision and recall, nearest neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.classifying import Referee
from genmodels.data.images.batches import Images
from genmodels.errors import in_turn
from genmodels.runs import Record

Features = NDArray[np.float64]
NEIGHBOURS = 3  # as Kynkäänniemi et al. chose
MANIFOLD_POINTS = 2_000  # images on each side of precision and recall
COMPARED_PIXELS = 500  # drawn images whose nearest training image is looked for
PRESENT_SHARE = 0.1  # a class is present when it has this much of its share in the data
FEW_IMAGES = 1_000  # on a GAN of MNIST with fewer the distance was far greater, precision and recall were higher
ALIKE = 0.05  # of the real images' variance: images with less are nearly all the same one
COVERED = 0.01  # recall below which real images are as good as not drawn
POOLED = 8  # rows and columns to which images without classes are scaled down for their features


def frechet_distance(ours: Features, theirs: Features) -> float:
    r"""Fréchet distance of the Gaussians that fit two sets of features best (Heusel et al. 2017, arXiv 1706.08500).

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), where the eigenvalues of S1 S2 are those of S1^(1/2) S2 S1^(1/2).

    Args:
        ours: shape (N, F).
        theirs: shape (M, F).
    """
    first, second = np.cov(ours, rowvar=False), np.cov(theirs, rowvar=False)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(min=0.0))) @ vectors.T
    crossed = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(min=0.0)).sum()
    moved = ((ours.mean(axis=0) - theirs.mean(axis=0)) ** 2).sum()
    return float(max(0.0, moved + np.trace(first) + np.trace(second) - 2.0 * crossed))


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


def covers_nothing(record: Mapping[str, Any]) -> bool:
    """Whether images were drawn that are nearly all the same one, or show next to nothing of what is in the real ones.

    Args:
        record: what was measured; "variety" may be missing.
    """
    return bool(record["recall"] < COVERED or record.get("variety", 1.0) < ALIKE)


def doubts_about(images: int, drawn: Mapping[str, Mapping[str, Any]], *, precision: bool = True) -> list[str]:
    """Why measures of drawn images are not to be trusted, a sentence for each reason; none where they may be.

    Args:
        images: that were compared on each side.
        drawn: what was measured, by what it is called.
        precision: whether precision and recall are among the measures that are shown.
    """
    told = []
    alike = [name for name, record in drawn.items() if covers_nothing(record)]
    others = [name for name in drawn if name not in alike]
    if images < FEW_IMAGES:
        whose = f" of {in_turn(others)}" if alike and others else ""
        told.append(
            f"{images:,} images are too few to trust: of fewer than {FEW_IMAGES:,} the Fréchet distance comes out far "
            f"too great{f', precision and recall{whose} too high' if precision and others else ''}"
        )
    if alike:
        told.append(
            f"the images that {in_turn(alike)} draw{'s' if len(alike) == 1 else ''} are nearly all alike or show next "
            "to nothing of the variety of real ones"
            + (": then precision says nothing, as all or none may lie among those" if precision else "")
        )
    return told


def nearest_distances(images: Tensor, train: Tensor) -> NDArray[np.float64]:
    """Euclidean distance, over pixels from 0 to 1, from each image to the nearest of the training images.

    Args:
        images: shape (N, Y, X).
        train: uint8, shape (M, Y, X).
    """
    flat = images.flatten(1)
    best = torch.full((len(flat),), torch.inf, device=flat.device)
    for piece in torch.split(train, 10_000):
        there = piece.flatten(1).to(flat) / 255.0
        best = torch.minimum(best, torch.cdist(flat, there, compute_mode="use_mm_for_euclid_dist").amin(dim=1))
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
    """

    shares: NDArray[np.float64]
    kl: float
    present: int


def class_balance(classes: NDArray[np.int64], data: NDArray[np.float64]) -> Classes:
    """Shares of the classes beside those in the data.

    Args:
        classes: number of each image's class, shape (N,).
        data: shares of the classes in the data, shape (C,).
    """
    shares = np.bincount(classes, minlength=len(data)) / len(classes)
    there = shares > 0
    kl = float((shares[there] * np.log(shares[there] / data[there].clip(min=1e-12))).sum())
    present = int(((shares >= PRESENT_SHARE * data) & (data > 0)).sum())
    return Classes(shares, max(0.0, kl), present)


@dataclass(frozen=True)
class Quality:
    """What `Yardstick` finds.

    Args:
        frechet_distance: between drawn and real images.
        frechet_floor: between as many training images and the same real ones: better can't be expected.
        precision: share of the drawn images that lie among real ones.
        recall: share of the real images that lie among drawn ones.
        nearest_distance: mean distance of a drawn image to the nearest training image.
        nearest_real: the same of the real images, which are no training images: much less means copies.
        variety: variance of the drawn images' features as a share of that of the real ones.
        classes: which classes were drawn; None for a set without.
    """

    frechet_distance: float
    frechet_floor: float
    precision: float
    recall: float
    nearest_distance: float
    nearest_real: float
    variety: float
    classes: Classes | None

    def to_record(self) -> Record:
        """Plain numbers for metrics.jsonl; shares of the classes as "share/0" and so on."""
        record: Record = {
            "frechet_distance": self.frechet_distance,
            "frechet_floor": self.frechet_floor,
            "precision": self.precision,
            "recall": self.recall,
            "nearest_distance": self.nearest_distance,
            "nearest_real": self.nearest_real,
            "variety": self.variety,
        }
        if self.classes is not None:
            record |= {"class_kl": self.classes.kl, "classes_present": self.classes.present}
            record |= {f"share/{index}": float(share) for index, share in enumerate(self.classes.shares)}
        return record


class Yardstick:
    """Real images, measured once, beside which drawn ones are.

    Features are the classifier's; of a set without classes, the means of 8x8 parts of the image.

    Args:
        train: training images.
        real: images that no model was trained on; as many are compared as are drawn.
        referee: the set's classifier, or None.
        most: images compared at most.
    """

    checks = 2
    """How often `measure` calls its `check`."""

    def __init__(self, train: Images, real: Images, referee: Referee | None, most: int = 10_000) -> None:
        self.referee, self.train = referee, train
        self.count = min(most, len(real), len(train))
        # Mixed, as parts of them are taken below and a set may be sorted by class.
        pictures = in_order(real, self.count)[torch.randperm(self.count, generator=torch.Generator().manual_seed(1))]
        self._real, _ = self._read(pictures)
        trained, _ = self._read(in_order(train, self.count))
        self.frechet_floor = frechet_distance(trained, self._real)
        self.nearest_real = float(nearest_distances(pictures[:COMPARED_PIXELS], train.pixels).mean())
        self.data: NDArray[np.float64] | None = None
        if referee is not None and train.labels is not None:
            counts = torch.bincount(train.labels, minlength=referee.network.read_out.out_features).cpu().double()
            self.data = (counts / counts.sum()).numpy()

    def _read(self, images: Tensor) -> tuple[Features, NDArray[np.int64] | None]:
        if self.referee is not None:
            return self.referee.read(images)
        pooled = functional.adaptive_avg_pool2d(images.unsqueeze(1), POOLED)
        return pooled.flatten(1).cpu().double().numpy(), None

    def measure(self, images: Tensor, check: Callable[[], None] = lambda: None) -> Quality:
        """Measure drawn images.

        Args:
            images: `count` of them, shape (N, Y, X), from 0 to 1.
            check: called between the parts of the work; may raise to stop.
        """
        drawn, kinds = self._read(images)
        check()
        distance = frechet_distance(drawn, self._real)
        precision, recall = precision_and_recall(drawn[:MANIFOLD_POINTS], self._real[:MANIFOLD_POINTS])
        check()
        nearest = float(nearest_distances(images[:COMPARED_PIXELS], self.train.pixels).mean())
        classes = None if kinds is None or self.data is None else class_balance(kinds, self.data)
        variety = variety_of(drawn, self._real)
        return Quality(distance, self.frechet_floor, precision, recall, nearest, self.nearest_real, variety, classes)


def in_order(images: Images, count: int) -> Tensor:
    """`count` images as one tensor (N, Y, X), the same ones each time."""
    return torch.cat([batch.images for batch in images.in_order(count)])
