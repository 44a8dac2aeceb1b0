"""What tasks with averaged weights share, whatever they learn."""

from abc import abstractmethod
from collections.abc import Callable, Mapping

from torch import Tensor, nn

from genmodels.device import Choice
from genmodels.models.weights import load_weights
from genmodels.settings import AveragedSettings
from genmodels.telling import Notice
from genmodels.training.average import WeightAverage
from genmodels.training.setup import updater_of
from genmodels.training.task import OptimisedTask, TaskState, with_prefix, without_prefix

_AVERAGE = "average/"


class AveragedTask(OptimisedTask):
    """A model, its optimiser and its averaged weights, which are evaluated and kept.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        kept: the part of the model that `updater` updates and whose averaged weights an epoch keeps; None for all.
        times: of the settings' learning rate.
    """

    settings: AveragedSettings

    def __init__(
        self,
        settings: AveragedSettings,
        model: nn.Module,
        choice: Choice,
        kept: nn.Module | None = None,
        times: float = 1.0,
    ) -> None:
        kept = model if kept is None else kept
        super().__init__(settings, model, choice, updater_of(kept, settings, settings.precision == "fp16", times))
        self.kept = kept
        decay = 0.0 if settings.averages_by_itself else settings.average_weights
        self.average = WeightAverage(kept, decay, self.updater.averages)

    @property
    @abstractmethod
    def data_told(self) -> str:
        """What is trained on, for the first line."""

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What a result's title and its JSON say of the data; the first is its name, as "data"."""

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights."""
        return self.average.weights

    def begin_from(
        self, weights: Mapping[str, Tensor], newest: Callable[[], Mapping[str, Tensor] | None], notice: Notice
    ) -> None:
        """See `OptimisedTask.begin_from`; the averages begin there too."""
        del newest, notice
        load_weights(self.kept, weights)
        self.average.restart()

    def extra_state(self) -> dict[str, Tensor]:
        """The averages."""
        return with_prefix(_AVERAGE, self.average.state())

    def load_extra(self, state: TaskState) -> None:
        """Take the averages back."""
        self.average.load_state(without_prefix(_AVERAGE, state.optimizer))
