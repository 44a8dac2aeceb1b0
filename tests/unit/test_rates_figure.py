"""The figure of a sweep tells its thin lines from its thick ones."""

import pytest
from matplotlib.figure import Figure

from genmodels.figures.rates import RateCourse, rates_figure

RATES = [1e-3, 1e-2, 1e-1]


def drawn(*names: str) -> Figure:
    losses = {name: [2.0, 1.0, 3.0] for name in names}
    return rates_figure(
        RateCourse(RATES, losses, losses, None, None, 0.01, "median of 15 steps"), "loss", "A sweep", ["it lags"]
    )


@pytest.mark.parametrize("names", [("loss",), ("the discriminator's", "the generator's")])
def test_which_lines_are_steps_and_which_smoothed_is_said_once(names: tuple[str, ...]) -> None:
    figure = drawn(*names)
    legend = [text.get_text() for legend in [*figure.legends, figure.axes[0].get_legend()] if legend
              for text in legend.get_texts()]  # fmt: skip
    said = " ".join([*legend, *(text.get_text().replace("\n", " ") for text in figure.texts)]).lower()
    assert "each step" in [*legend, said.partition("thin is ")[2][: len("each step")]]
    assert said.count("median of 15 steps") == 1
