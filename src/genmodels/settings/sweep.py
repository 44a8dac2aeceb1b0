"""Which learning rates a sweep goes through."""

from dataclasses import dataclass

from genmodels.errors import UsageError
from genmodels.settings.fields import Settings, setting

FEWEST_SWEPT = 20  # steps: of fewer no mean can be told from noise


@dataclass(frozen=True, kw_only=True)
class SweepSettings(Settings):
    """A sweep of the learning rate; see `genmodels.training.sweep`.

    Example:
        >>> from genmodels.settings.sweep import SweepSettings
        >>> [f"{rate:.3g}" for rate in SweepSettings(lowest=0.001, highest=0.1, steps=20).rates()[:3]]
        ['0.001', '0.00127', '0.00162']
    """

    lowest: float = setting(
        1e-5, "Learning rate of the first step.", panel=None, above=0, at_most=10, shown="0.00001", usual=True
    )
    highest: float = setting(
        1.0, "Learning rate of the last step.", panel=None, above=0, at_most=10, shown="1", usual=True
    )
    steps: int = setting(
        100, "Steps of the sweep, each with a rate so many times the last one's.", panel=None, at_least=FEWEST_SWEPT,
        at_most=10_000,
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lowest >= self.highest:
            what = f"--lowest {self.lowest:g} is not below --highest {self.highest:g}"
            raise UsageError(
                what, f"a sweep goes upwards, such as from {type(self).lowest:g} to {type(self).highest:g}."
            )

    def rates(self) -> list[float]:
        """The rate of each step: a geometric series from the lowest to the highest."""
        ratio, last = self.highest / self.lowest, self.steps - 1
        return [self.lowest * ratio ** (step / last) for step in range(self.steps)]
