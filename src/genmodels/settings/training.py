"""What the one training loop takes; what families with averaged weights take."""

import math
from dataclasses import dataclass

from genmodels.errors import UsageError
from genmodels.settings.every import every_of
from genmodels.settings.fields import Settings, setting

MOST_THREADS = 1024
SCHEDULE_FREE = "schedule-free"
OPTIMIZERS = ("adamw", "muon", SCHEDULE_FREE)
BETA1 = "AdamW's decay of the mean gradients; with schedule-free the average's share in where gradients are taken."
MOMENTUM = "Muon's decay of the mean gradients."


def goal_of(flag: str, text: str | None) -> tuple[str, float] | None:
    """A score and its value, as typed.

    Args:
        flag: the option that it was given for.
        text: such as nll=1.45, or None.

    Raises:
        UsageError: it is no such thing.

    >>> goal_of("--until", "nll=1.45"), goal_of("--until", None)
    (('nll', 1.45), None)
    """
    if text is None:
        return None
    name, equals, value = (part.strip() for part in text.partition("="))
    try:
        wanted = float(value)
    except ValueError:
        wanted = math.nan
    if not (name and equals and math.isfinite(wanted)):
        raise UsageError(f"{flag} {text!r} is no score with its value", f"write {flag} nll=1.45.")
    return name, wanted


MOST_MINUTES = 100_000  # of a training


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(Settings):
    """What the one training loop takes, for every family."""

    epochs: int = setting(
        20, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000, usual=True
    )
    minutes: float | None = setting(
        None,
        "Take so many minutes in all, with evaluations and saving, instead of --epochs.",
        panel="Training",
        above=0,
        at_most=MOST_MINUTES,
        shown="off",
        usual=True,
        example=5,
    )
    patience: int | None = setting(
        None,
        "End where so many epochs brought nothing better.",
        panel="Training",
        at_least=1,
        at_most=100_000,
        shown="off",
        example=5,
    )
    until: str | None = setting(None, "End where a score is reached, such as nll=1.45.", panel="Training", shown="off")
    optimizer: str = setting(
        "adamw",
        "adamw, muon (matrices take orthogonal steps, all else AdamW's) or schedule-free (an average of the weights in "
        "place of a rate that falls).",
        panel="Training",
        choices=OPTIMIZERS,
    )
    learning_rate: float = setting(
        0.004, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10, usual=True
    )
    weight_decay: float = setting(
        0.05, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1
    )
    beta1: float = setting(0.9, BETA1, panel="Training", at_least=0, below=1)
    beta2: float = setting(0.99, "AdamW's decay of the mean squared gradients.", panel="Training", at_least=0, below=1)
    momentum: float = setting(0.95, MOMENTUM, panel="Training", at_least=0, below=1, only={"optimizer": ("muon",)})
    warmup_steps: int = setting(
        200, "Steps of linear warm-up, at most a tenth of all steps.", panel="Training", at_least=0
    )
    schedule: str | None = setting(
        None,
        "Learning rate after the warm-up: cosine (down to zero) or constant.",
        panel="Training",
        choices=("cosine", "constant"),
        shown="cosine, but constant with schedule-free",
    )
    gradient_clip: float | None = setting(
        1.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )
    accumulate: int = setting(
        1,
        "Pieces in which each batch is computed, one after the other, where all of it needs too much memory; an update "
        "is that of the whole batch all the same.",
        panel="Training",
        at_least=1,
        at_most=65536,
    )
    seed: int = setting(1, "Seed of every random stream.", panel="Training", at_least=0, below=2**63, usual=True)
    device: str = setting("auto", "auto, cpu, cuda, cuda:N or mps.", panel="Run", usual=True)
    precision: str = setting(
        "fp32",
        "Arithmetic on CUDA: fp32, bf16 or fp16 autocast; the loss is always fp32.",
        panel="Run",
        choices=("fp32", "bf16", "fp16"),
    )
    threads: int | None = setting(
        None, "CPU threads of PyTorch.", panel="Run", at_least=1, at_most=MOST_THREADS, shown="all cores"
    )
    keep_epochs: int | None = setting(
        None,
        "Keep the weights of only this many newest epochs (and the best).",
        panel="Run",
        at_least=1,
        shown="all",
    )
    checkpoint_minutes: float = setting(5.0, "Save the training state at least this often.", panel="Run", above=0)
    preview_every: str = setting(
        "20s",
        "Inside an epoch, show what the model makes and keep its weights this often: a time such as 20s or 1m, "
        "steps such as 500steps, or never.",
        panel="Run",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        every_of("--preview-every", self.preview_every)
        goal_of("--until", self.until)
        self._choose_schedule()

    def _choose_schedule(self) -> None:
        """The optimiser's own; one that averages has none that falls.

        Raises:
            UsageError: it is to fall all the same.
        """
        if self.schedule is None:
            object.__setattr__(self, "schedule", "constant" if self.averages_by_itself else "cosine")
        if self.schedule == "cosine" and self.averages_by_itself:
            what = (
                f"--optimizer {self.optimizer} averages in place of a rate that falls, so --schedule cosine has no use"
            )
            raise UsageError(what, "use --schedule constant.")

    @property
    def averages_by_itself(self) -> bool:
        """Whether the optimiser keeps the average of the weights that is evaluated and kept."""
        return self.optimizer == SCHEDULE_FREE

    @property
    def goal(self) -> tuple[str, float] | None:
        """The score that `until` names, and its value."""
        return goal_of("--until", self.until)

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it: options with their values."""
        raise NotImplementedError

    @property
    def architecture(self) -> tuple[str, ...]:
        """The settings that decide which network it is: weights fit only a network that has them all alike."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class AveragedSettings(TrainingSettings):
    """What families take whose averaged weights are kept.

    Args:
        model: declared here so that it leads a family's options; each family gives it its names and its default.
    """

    model: str
    average_weights: float = setting(
        0.999,
        "Decay of the running average of the weights that is evaluated and kept; 0 keeps the newest weights.",
        panel="Training",
        at_least=0,
        below=1,
        only={"optimizer": ("adamw", "muon")},
    )
