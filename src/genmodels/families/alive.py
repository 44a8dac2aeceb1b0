"""What of a run can live in a page: networks with their weights, and what the page's script needs to run them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.run import Run
from genmodels.family import FAMILIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]
else:
    Weights = Mapping

Outputs = Callable[[Weights], "NDArray[np.float32]"]
Differs = Callable[[Weights], float]
"""How far a network with these weights is from the trained one: see `Network.differs`."""

EARLY = 0.1  # of a training: its beginning


@dataclass(frozen=True, eq=False)
class Network:
    """One network of a page.

    Args:
        name: what the page calls it: "epoch 1".
        weights: float32 arrays by name, as the page's script asks for them.
        differs: of other weights, as a page holds them: the largest difference of a logit on recorded inputs,
            infinite where they do something else altogether, such as write another text.
        outputs: what Python computes of each recorded input with some weights, a row for each; for tests.
    """

    name: str
    weights: Weights
    differs: Differs
    outputs: Outputs


@dataclass(frozen=True, eq=False)
class Alive:
    """A part of a page in which networks run.

    Args:
        part: of the page's script, which registers itself under that name.
        scripts: the files NAME.js that it is made of, in their order; some may be those of other parts, too.
        title: of the section.
        about: a sentence or two on what can be done there.
        data: all that the script needs beside the weights, as JSON can hold it; bytes become base64.
        networks: the first is the one that is shown first.
        inputs: recorded ones, such as ids of a text; for tests.
        learned: what the network learned, in a sentence for somebody who knows nothing of it; "" where nothing is told.
    """

    part: str
    scripts: Sequence[str]
    title: str
    about: str
    data: Mapping[str, Any]
    networks: Sequence[Network]
    inputs: Sequence[Any] = field(default=(), repr=False)
    learned: str = ""


def best_held_out(run: Run) -> Mapping[str, Any]:
    """What was measured of held-out data after a run's best epoch; nothing where it was not.

    Raises:
        RunError: no epoch is finished yet.
    """
    records = run.best_evaluation()
    return next((records[name] for name in ("validation", "test") if name in records), {})


def how_often(epoch: float) -> str:
    """How often a network went through its data until an epoch, in words that follow "it read".

    >>> how_often(3), how_often(1.5), how_often(0.08)
    ('again and again', 'once', 'in part (8 %)')
    """
    return "again and again" if epoch >= 2 else "once" if epoch >= 1 else f"in part ({100 * epoch:.2g} %)"


def network_called(epoch: float, best: float, last: float) -> str:
    """What a page that has networks of several epochs calls one of them.

    >>> network_called(0.858, 0.858, 0.858), network_called(3, 3, 9), network_called(0.14, 3, 9)
    ('at the end (epoch 0.858, the best)', 'at its best (epoch 3)', 'at the beginning (epoch 0.14)')
    >>> network_called(0.485, 1, 1)
    'first kept (epoch 0.485)'
    """
    if epoch != best:
        return f"{'at the beginning' if epoch <= EARLY * last else 'first kept'} (epoch {epoch:g})"
    return f"at the end (epoch {epoch:g}, the best)" if best >= last else f"at its best (epoch {epoch:g})"


def alive_of(run: Run) -> Sequence[Alive]:
    """The parts of a page in which a run's own networks run; none where its family has none.

    Raises:
        RunError: no epoch was kept.
        DataError: the run's data have changed or are gone.
    """
    row = FAMILIES.get(run.family)
    found: Sequence[Alive] = () if row is None or row.alive is None else row.alive(run)
    return found


def exhibits_of(run: Run) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows of a run, each to be computed when it is called."""
    row = FAMILIES.get(run.family)
    return () if row is None or row.exhibits is None else row.exhibits(run)
