"""How a language model goes on learning from the text that it has just predicted."""

from dataclasses import dataclass

from genmodels.settings.fields import Settings, setting


@dataclass(frozen=True, kw_only=True)
class DynamicSettings(Settings):
    """Dynamic evaluation's two numbers; see `genmodels.analysis.dynamic`.

    The defaults are the best of those tried with a one-layer LSTM on the first half of tiny Shakespeare's validation
    text: rates from 0.00003 to 0.004, decays of 0, 0.001 and 0.005. So a gain on that whole text is a little too good.
    """

    dynamic_rate: float = setting(0.001, "Learning rate of dynamic evaluation.", panel=None, at_least=0, at_most=1000)
    dynamic_decay: float = setting(
        0.001, "How fast dynamic evaluation goes back to the trained weights.", panel=None, at_least=0, at_most=1
    )
