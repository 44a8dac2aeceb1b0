"""How well a network reads: whole strips and single characters, by the number of digits."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch

from genmodels.analysis.reading import Reading, edit_distance, read_columns, read_places
from genmodels.analysis.standard_errors import Each
from genmodels.chance import known_by
from genmodels.data.images.strips import SPARE, StripMaker, Strips
from genmodels.models.reader import Reader
from genmodels.processes import ALONE, World
from genmodels.runs import Record

READ_AT_ONCE = 100  # strips


@dataclass(frozen=True)
class Accuracy:
    """What is counted over strips of some lengths.

    Args:
        strips: read.
        right: read without any error.
        errors: insertions, deletions and substitutions.
        characters: digits there were.
        nats: -log p of the true readings, summed; not a number where a model can't give them at all.
        each: the same of each strip, which says how sure all of it is; a group for each length.
    """

    strips: int = 0
    right: int = 0
    errors: int = 0
    characters: int = 0
    nats: float = 0.0
    each: Each = field(default_factory=Each, compare=False, repr=False)

    def __add__(self, other: "Accuracy") -> "Accuracy":
        return Accuracy(
            self.strips + other.strips,
            self.right + other.right,
            self.errors + other.errors,
            self.characters + other.characters,
            self.nats + other.nats,
            self.each.beside(other.each),
        )

    @property
    def sequence_accuracy(self) -> float:
        """Share of the strips read without any error."""
        return self.right / self.strips

    @property
    def character_error_rate(self) -> float:
        """Errors for each digit; above 1 where more is read than there is."""
        return self.errors / max(1, self.characters)

    def to_record(self) -> Record:
        """For JSON, and but for what is None for metrics.jsonl; standard errors are over strips."""
        record: Record = {
            "sequence_accuracy": self.sequence_accuracy,
            "sequence_accuracy_standard_error": self.each.share_error,
            "character_error_rate": self.character_error_rate,
            "character_error_rate_standard_error": self.each.rate_error,
            "strips": self.strips,
        } | known_by(self.each.freedom)
        if math.isnan(self.nats):
            return record
        return record | {"nll": self.nats / max(1, self.characters), "nll_standard_error": self.each.nll_error}


@torch.no_grad()
def read_strips(model: Reader, images: torch.Tensor, width: int) -> list[Reading]:
    """Read strips of one canvas width.

    Args:
        model: in evaluation mode.
        images: shape (B, 32, W), on its device.
        width: of the beam; 1 takes the best path.
    """
    return _readings(model, model(images), width)


def _readings(model: Reader, logits: torch.Tensor, width: int) -> list[Reading]:
    log_p = logits.float().log_softmax(dim=2).transpose(0, 1).cpu().double().numpy()
    read = read_columns if model.by_column else read_places
    return [read(of_strip, width) for of_strip in log_p]


@torch.no_grad()
def accuracy_by_length(
    model: Reader,
    maker: StripMaker,
    lengths: Iterable[int],
    strips: int,
    check: Callable[[], None] = lambda: None,
    width: int = 1,
    among: World = ALONE,
) -> dict[int, Accuracy]:
    """Read so many strips of each length, the same ones each time.

    As in training the canvas has room for none to SPARE digits more, each as often as the others.

    Args:
        model: in evaluation mode.
        maker: of the strips.
        lengths: digits in a strip.
        strips: of each length.
        check: called between batches; may raise to stop.
        width: of the beam; 1 takes the best path.
        among: the processes that share it out, by the strips of each batch; all of them get the whole.
    """
    return {length: _accuracy_at(model, maker, length, strips, check, width, among) for length in lengths}


def _accuracy_at(
    model: Reader, maker: StripMaker, length: int, strips: int, check: Callable[[], None], width: int, among: World
) -> Accuracy:
    found = Accuracy()
    for index, (spare, count) in enumerate(batches_of(strips)):
        check()
        made = maker.make(count, length, length + spare, 1_000_000 * length + index)
        found += _counted(model, made, width, among)
    return replace(found, each=found.each.as_one_group())


def batches_of(strips: int) -> Iterator[tuple[int, int]]:
    """Room beside the digits, and strips, of each batch: strips of one batch have equal canvases.

    >>> list(batches_of(7)), list(batches_of(301))[:3]
    ([(0, 2), (1, 2), (2, 3)], [(0, 100), (1, 100), (2, 100)])
    """
    for spare in range(SPARE + 1):
        share = (spare + 1) * strips // (SPARE + 1) - spare * strips // (SPARE + 1)
        for start in range(0, share, READ_AT_ONCE):
            yield spare, min(READ_AT_ONCE, share - start)


def _counted(model: Reader, strips: Strips, width: int, among: World) -> Accuracy:
    rows = among.rows(len(strips.images)).or_weightless()
    labels, logits = rows.of(strips.labels), model(rows.of(strips.images))
    truths: Sequence[list[int]] = labels.tolist()
    readings = zip(_readings(model, logits, width), truths, strict=True)
    wrong = torch.tensor([edit_distance(read.classes, truth) for read, truth in readings])
    nats = torch.full((len(wrong),), math.nan)
    if model.most_digits is None or labels.shape[1] <= model.most_digits:
        nats = model.loss(logits, labels)
    errors = among.whole(rows, wrong).tolist()
    nats = among.whole(rows, nats.double().cpu())
    each = Each.of(errors, [strips.labels.shape[1]] * rows.count, nats.numpy(), strips.rows.numpy())
    return Accuracy(len(errors), errors.count(0), sum(errors), strips.labels.numel(), float(nats.sum()), each)


def total(found: dict[int, Accuracy], lengths: Iterable[int]) -> Accuracy:
    """Over several lengths together."""
    return sum((found[length] for length in lengths), Accuracy())
