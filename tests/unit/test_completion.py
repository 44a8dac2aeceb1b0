from itertools import product

import pytest
import torch

from genmodels.analysis.completion import TURNS, check_hidden, complete
from genmodels.analysis.pixel_likelihood import nats_of
from genmodels.errors import UsageError
from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import turned


def model_of(orientations: int = 4) -> GatedPixelCNN:
    torch.manual_seed(4)
    model = GatedPixelCNN(2, (3, 3), 4, 2, orientations).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model.float()


@pytest.mark.parametrize("hide", TURNS)
def test_what_is_visible_stays_and_what_is_hidden_is_drawn(hide: str) -> None:
    image = torch.tensor([[[1, 0, 1], [0, 1, 0], [1, 1, 0]]])
    result = complete(model_of(), image, hide, 1, 200, 1)
    visible = {"bottom": (0, ...), "top": (2, ...), "left": (..., 2), "right": (..., 0)}[hide]
    hidden = {"bottom": (2, ...), "top": (0, ...), "left": (..., 0), "right": (..., 2)}[hide]
    original = image[0].float().numpy()
    for drawn in result.drawn[:, 0]:
        assert (drawn[visible] == original[visible]).all()
    assert result.drawn[:, 0][(slice(None), *hidden)].std(axis=0).min() > 0, "each hidden pixel varies"
    assert (result.order[visible] == 0).all(), "what stays is there from the beginning"
    assert sorted(result.order[result.order > 0]) == [1, 2, 3, 4, 5, 6]
    last = {"bottom": (2, 2), "top": (0, 0), "left": (2, 0), "right": (0, 2)}[hide]
    assert result.order[last] == 6, "as in raster order once that side is below"


@pytest.mark.parametrize("hide", TURNS)
def test_nats_of_the_hidden_part_are_those_of_the_conditional_distribution(hide: str) -> None:
    """-log p(hidden | visible) against the joint probabilities of all 2^9 images, turned as the model sees them."""
    model = model_of()
    everything = torch.tensor(list(product((0, 1), repeat=9))).view(-1, 3, 3)
    with torch.no_grad():
        joint = (-nats_of(model, everything, TURNS[hide]).double().sum(dim=(1, 2))).exp()
    image = torch.tensor([[[1, 0, 1], [0, 1, 0], [1, 1, 0]]])
    seen = turned(image, TURNS[hide])
    same_top = (everything[:, :1] == seen[:, :1]).flatten(1).all(dim=1)
    same = (everything == seen).flatten(1).all(dim=1)
    expected = -torch.log(joint[same].sum() / joint[same_top].sum())
    assert complete(model_of(), image, hide, 1, 1, 1).nats[0] == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("hide", TURNS)
def test_completions_follow_the_conditional_distribution(hide: str) -> None:
    """Frequencies of 20,000 completions of the last row against the exact conditional probabilities."""
    model, turn = model_of(), TURNS[hide]
    with torch.no_grad():
        model.pixel_bias.add_(torch.randn_like(model.pixel_bias))  # each turn has probabilities of its own
    image = torch.tensor([[[1, 0, 1], [0, 1, 0], [0, 0, 0]]])
    result = complete(model, turned(image, -turn), hide, 2, 20_000, 3)
    rows = turned(torch.from_numpy(result.drawn[:, 0]), turn)[:, 2].long()
    observed = torch.bincount(rows @ torch.tensor([4, 2, 1]), minlength=8) / 20_000
    endings = torch.tensor(list(product((0, 1), repeat=3))).view(-1, 1, 3)
    whole = torch.cat([image[:, :2].expand(8, -1, -1), endings], dim=1)
    with torch.no_grad():
        exact = (-nats_of(model, whole, turn)[:, 2].sum(dim=1)).exp()
    assert float(exact.sum()) == pytest.approx(1.0, abs=1e-5)
    assert (observed - exact).abs().max() < 0.015


@pytest.mark.parametrize(
    ("hide", "keep", "told", "most"),
    [("bottom", 0, "everything of 3 rows", 2), ("top", 4, "nothing of 3 rows", 2),
     ("left", 5, "nothing of 5 columns", 4), ("right", -1, "everything of 5 columns", 4)],
)  # fmt: skip
def test_hiding_nothing_or_everything_is_refused(hide: str, keep: int, told: str, most: int) -> None:
    wide = GatedPixelCNN(2, (3, 5), 4, 2, 4)
    with pytest.raises(UsageError) as caught:
        check_hidden(wide, hide, keep)
    assert str(caught.value) == f"keep_rows={keep} hides {told}"
    assert caught.value.hint == f"choose from 1 to {most}."
    check_hidden(wide, hide, most)
    check_hidden(wide, hide, 1)


def test_what_cannot_be_conditioned_on_truly_is_refused() -> None:
    with pytest.raises(UsageError, match="can't condition on what comes after") as caught:
        complete(model_of(1), torch.zeros(1, 3, 3, dtype=torch.int64), "top", 1, 1, 1)
    assert caught.value.hint == ("use hide bottom, or train a run that can: genmodels train-pixelrnn --orientations 4.")
