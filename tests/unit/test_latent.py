import numpy as np
import pytest
import torch

from genmodels.analysis.latent import (
    Overlap,
    encode_all,
    interpolation,
    manifold,
    overlap,
    quantiles,
    spherical_path,
    traversal,
    turning_point,
)
from genmodels.data.images.batches import Batch, Images
from genmodels.data.images.parts import Part
from genmodels.models.vae import VAE
from genmodels.sampling.images import draw_images, draw_prior
from genmodels.settings.vae import VaeSettings

CPU = torch.device("cpu")


def model(latent_size: int = 3, classes: int | None = None) -> VAE:
    torch.manual_seed(2)
    settings = VaeSettings(model="mlp", latent_size=latent_size, hidden_size=9, conditional=classes is not None)
    return VAE.from_settings(settings, (4, 5), classes).eval()


def test_quantiles_lie_at_equal_steps_of_probability() -> None:
    found = quantiles(11)
    share = torch.distributions.Normal(0.0, 1.0).cdf(found)
    torch.testing.assert_close(share, torch.linspace(0.025, 0.975, 11), atol=1e-5, rtol=0)


def test_the_plane_moves_two_dimensions_and_leaves_the_others_at_zero() -> None:
    vae, q = model(), quantiles(4)
    pictures = manifold(vae, (2, 0), 4, None, CPU)
    assert pictures.shape == (16, 4, 5)
    z = torch.tensor([[q[2], 0.0, q[3]]])  # the second row from above, the last column
    with torch.no_grad():
        expected = vae.decode(z).sigmoid()[0].numpy()
    np.testing.assert_allclose(pictures[1 * 4 + 3], expected, rtol=1e-5)


def test_classes_are_told_apart_by_the_nearest_middle() -> None:
    points = np.array([[0, 0], [1, 0], [9, 0], [10, 0], [0.4, 0], [20, 20]], dtype=np.float32)
    assert overlap(points, np.array([3, 3, 5, 5, 5, 7])) == Overlap(5 / 6, (5, 3))
    assert overlap(points[:4], np.array([3, 3, 5, 5])) == Overlap(1.0, None)


def test_a_way_turns_where_its_pictures_lie_nearer_to_its_end() -> None:
    way = np.linspace(0.0, 1.0, 5, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)
    assert turning_point(way) == 3
    assert turning_point(np.zeros((4, 2, 3), np.float32)) is None


@torch.no_grad()
def test_a_way_begins_and_ends_at_its_images() -> None:
    vae, pair = model(), Batch(torch.rand(2, 4, 5), None)
    walk = interpolation(vae, pair, 5)
    mean, _ = vae.encode(pair.images)
    ends = vae.decode(torch.stack([mean[0], mean[1], mean.mean(dim=0)])).sigmoid().numpy()
    np.testing.assert_allclose(walk[[0, 4, 2]], ends, rtol=1e-5)


def test_a_traversal_moves_one_dimension_at_a_time() -> None:
    vae = model()
    rows = traversal(vae, Batch(torch.rand(1, 4, 5), None), [2, 0], 6)
    assert [row.shape for row in rows] == [(6, 4, 5)] * 2
    assert not np.allclose(rows[0][0], rows[0][5])


def test_codes_are_those_of_the_encoder_and_the_busiest_come_first() -> None:
    vae = model()
    pixels = np.random.default_rng(1).integers(0, 255, (12, 4, 5)).astype(np.uint8)
    images = Images(Part(pixels, np.arange(12) % 2), "none", 1, CPU, "test")
    codes = encode_all(vae, images, 12)
    assert codes.means.shape == (12, 3)
    assert codes.labels is not None
    assert codes.labels.tolist() == [0, 1] * 6
    order = codes.busiest(3)
    assert codes.kl_by_dimension[order].tolist() == sorted(codes.kl_by_dimension, reverse=True)


@pytest.mark.parametrize("draw", [True, False])
def test_samples_are_repeatable_whatever_is_decoded_at_once(draw: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    vae = model(classes=3)
    labels = [0, 1, 2, 0, 1]
    whole = draw_images(vae, 5, labels, 7, draw)
    monkeypatch.setattr("genmodels.sampling.images.DECODED_AT_ONCE", 2)
    np.testing.assert_allclose(draw_images(vae, 5, labels, 7, draw), whole, rtol=1e-5)
    assert not np.allclose(draw_images(vae, 5, labels, 8, draw), whole)
    told: list[int] = []
    draw_images(vae, 5, labels, 7, draw, told.append)
    assert told == [2, 2, 1]


def test_a_great_circle_is_walked_in_equal_angles_on_its_sphere() -> None:
    first = torch.tensor([3.0, 0.0, 0.0], dtype=torch.float64)
    last = 3.0 * torch.tensor([np.cos(1.2), np.sin(1.2), 0.0], dtype=torch.float64)
    path = spherical_path(first, last, 7).double()
    torch.testing.assert_close(path[[0, -1]], torch.stack([first, last]), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(path.norm(dim=1), torch.full((7,), 3.0, dtype=torch.float64), rtol=1e-6, atol=0.0)
    angles = torch.arccos((path[1:] * path[:-1]).sum(dim=1) / 9.0)
    torch.testing.assert_close(angles, torch.full((6,), 0.2, dtype=torch.float64), rtol=1e-5, atol=0.0)


@pytest.mark.parametrize("times", [2.0, -1.0])
def test_between_codes_on_one_line_through_the_middle_the_way_is_straight(times: float) -> None:
    first = torch.tensor([1.0, -2.0])
    path = spherical_path(first, times * first, 5)
    torch.testing.assert_close(path, torch.linspace(1.0, times, 5)[:, None] * first)


@torch.no_grad()
def test_images_are_drawn_with_or_without_classes_grey_or_pixel_by_pixel() -> None:
    z = draw_prior(4, 3, 7, "sample codes")
    plain, knowing = model(), model(classes=2)
    grey = draw_images(plain, 4, None, 7, draw=False)
    np.testing.assert_allclose(grey, plain.decode(z).sigmoid(), rtol=1e-5)
    given = draw_images(knowing, 4, [0, 1, 1, 0], 7, draw=False)
    np.testing.assert_allclose(given, knowing.decode(z, torch.tensor([0, 1, 1, 0])).sigmoid(), rtol=1e-5)
    assert set(np.unique(draw_images(plain, 4, None, 7, draw=True))) == {0.0, 1.0}
