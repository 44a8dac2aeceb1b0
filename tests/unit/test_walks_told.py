"""What figures of codes say is what is to be seen in them."""

import re

import numpy as np
import pytest

from genmodels.analysis.latent import Codes
from genmodels.families.walks_told import (
    interpolation_told,
    manifold_told,
    scatter_told,
    sheets_told,
    traversal_told,
    ways_told,
)

SHARES = ["0%", "50%", "100%"]


def pictures(*levels: float) -> np.ndarray:
    """Pictures of one grey each."""
    return np.stack([np.full((2, 2), level, dtype=np.float32) for level in levels])


def codes(kl: list[float], spread: float = 1.0, labels: list[int] | None = None) -> Codes:
    means = spread * np.random.default_rng(1).normal(size=(90, len(kl))).astype(np.float32)
    return Codes(means, np.array(kl), None if labels is None else np.resize(np.array(labels), 90))


def test_a_plane_of_equal_pictures_is_not_said_to_change() -> None:
    told = manifold_told(pictures(0.2, 0.24), (0, 3), codes([0.001] * 4), 1.96)
    assert "no pixel differs by more than 4% of the way" in told
    assert "makes next to nothing of z0 and z3, which carry less than 0.01 nats of KL" in told
    assert "Look at" not in told
    two = manifold_told(pictures(0.2, 0.24), (0, 1), codes([0.001] * 2), 1.96)
    assert "z0 and z1, which carry less than 0.01 nats of KL" in two
    assert manifold_told(pictures(0.2, 0.9), (0, 1), codes([2.0, 1.0]), 1.96).startswith("Look at where")


def test_blobs_and_grids_that_a_person_calls_equal_are_told_to_be() -> None:
    """400 blobs of a collapsed VAE differed by 24 % in one pixel, grids of a GAN's first steps by 15 to 19 %."""
    blobs = manifold_told(pictures(0.5, 0.74), (0, 1), codes([0.2, 0.01]), 1.96)
    assert blobs.startswith("All these pictures are alike, no pixel differs by more than 24% of the way")
    assert "z0 and z1, which carry 0.21 nats of KL" in blobs
    assert ways_told([pictures(0.5, 0.6), pictures(0.55, 0.69)]).startswith("All these pictures are alike")


def test_a_way_on_which_nothing_changes_turns_nowhere() -> None:
    still = interpolation_told(pictures(0.2, 0.21, 0.22), ["a", "b"], SHARES, codes([0.5, 0.24]))
    assert "nearer" not in still
    assert "the code carries 0.74 nats of KL" in still
    moves = interpolation_told(pictures(0.0, 0.6, 1.0), ["a", "b"], SHARES, codes([0.5, 0.24]))
    assert moves == (
        "Look at what is between a and b: pictures decoded from 0% to 100% of the line between their codes; "
        "from 50% on they are nearer to the last than to the first, by the sum of the squared differences of their "
        "pixels."
    )


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ({4: (0.0, 0.9), 7: (0.0, 0.3)}, "up to 90% of the way from black to white under z4, by 30% at most under z7."),
        ({4: (0.0, 0.9), 7: (0.0, 0.03)}, "under z4, by 3% at most under z7."),
        ({4: (0.0, 0.9), 7: (0.0, 0.03), 8: (0.1, 0.1)}, "under z4, by less than 30% under 2 of them (z7, z8)."),
        ({4: (0.0, 0.9)}, "by up to 90% of the way from black to white under z4. In"),
        ({4: (0.0, 0.02), 7: (0.0, 0.0)}, "Along no row a pixel changes by more than 2% of the way"),
    ],
)  # fmt: skip
def test_it_is_told_which_dimensions_change_pictures(rows: dict[int, tuple[float, float]], wanted: str) -> None:
    assert wanted in traversal_told({dimension: pictures(*levels) for dimension, levels in rows.items()})


def test_classes_are_told_apart_beside_chance_and_not_where_there_is_but_one() -> None:
    usual = scatter_told(codes([2.0, 1.0], labels=[0, 1, 2]), (0, 1), ["a", "b", "c"], False)
    assert re.search(
        r": in this plane \d+% of the images lie nearest to the middle of their own class, by chance 33%; the most "
        r"frequent mistake is an image of class [abc] nearest to the middle of class [abc]\.",
        usual,
    )
    alone = scatter_told(codes([2.0, 1.0], labels=[1]), (0, 1), ["a", "b", "c"], False)
    assert "100%" not in alone
    assert "All these images are of one class, b" in alone
    given = scatter_told(codes([2.0, 1.0], labels=[0, 1, 2]), (0, 1), ["a", "b", "c"], True)
    assert "are given the class" in given
    assert "mistake" not in given


def test_codes_that_lie_on_each_other_are_told_as_that() -> None:
    told = scatter_told(codes([1e-5, 1e-6], 0.005, [0, 1]), (0, 1), ["a", "b"], False)
    assert told.startswith("The codes of all images lie on each other, with a standard deviation of 0.0048")
    assert "less than 0.01 nats in every dimension" in told
    assert "0.00" not in told.replace("0.0048", "")


def test_a_generator_that_draws_one_picture_is_told() -> None:
    assert "whatever the code" in ways_told([pictures(0.2, 0.21), pictures(0.2, 0.25)])
    assert ways_told([pictures(0.0, 1.0)]).startswith("Look at what lies between two random codes")


def test_a_sheet_of_one_grey_blob_is_told_and_a_single_picture_is_not_said_to_be_alike() -> None:
    alike = sheets_told([pictures(0.2, 0.25)], "decoder")
    assert alike == (
        "All these pictures are alike, no pixel differs by more than 5% of the way from black to white, whatever the "
        "code: the decoder makes next to nothing of it."
    )
    assert sheets_told([pictures(0.2, 0.21), pictures(0.7, 0.7)], "decoder").startswith("After each of these epochs")
    assert sheets_told([pictures(0.2, 0.21), pictures(0.0, 1.0)], "decoder") == ""
    assert sheets_told([pictures(0.2)], "decoder") == ""
