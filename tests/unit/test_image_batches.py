import numpy as np
import pytest
import torch

from genmodels.data.images.batches import Images, ShuffledBatches, binarized, rows_of
from genmodels.data.images.parts import Part
from genmodels.settings.images import BINARIZE

CPU = torch.device("cpu")


def part(count: int = 50) -> Part:
    pixels = np.arange(count * 6, dtype=np.uint64).reshape(count, 2, 3) * 37 % 256
    return Part(pixels.astype(np.uint8), np.arange(count) % 4)


def images(kind: str, seed: int = 1, count: int = 50) -> Images:
    return Images(part(count), kind, seed, CPU, "train")


def test_a_pixel_is_drawn_as_one_with_its_own_share() -> None:
    pixels = torch.tensor([0, 1, 51, 128, 254, 255], dtype=torch.uint8).repeat(100_000, 1)
    share = binarized(pixels, torch.Generator().manual_seed(1)).double().mean(dim=0)
    assert share[0] == 0.0
    assert share[-1] == 1.0
    torch.testing.assert_close(share, torch.tensor([0, 1, 51, 128, 254, 255]).double() / 255, atol=0.006, rtol=0)


def test_each_kind_of_target_is_what_its_name_says() -> None:
    grey = torch.tensor(part().pixels).float() / 255
    first, again, later = {}, {}, {}
    for kind in BINARIZE:
        source = images(kind)
        first[kind], again[kind] = source.batch(slice(None), 3).images, images(kind).batch(slice(None), 3).images
        later[kind] = source.batch(slice(None), 4).images
        assert torch.equal(first[kind], again[kind]), "same seed, same step, same targets"
    assert torch.equal(first["none"], grey)
    assert torch.equal(first["threshold"], (torch.tensor(part().pixels) >= 128).float())
    for kind in ("static", "dynamic", "threshold"):
        assert set(first[kind].unique().tolist()) == {0.0, 1.0}
    assert torch.equal(first["static"], later["static"])
    assert not torch.equal(first["dynamic"], later["dynamic"])
    assert not torch.equal(first["static"], images("static", seed=2).batch(slice(None), 3).images)


def test_every_image_is_seen_once_an_epoch_in_another_order_each_time() -> None:
    batches = ShuffledBatches(images("none"), 16)
    assert batches.steps_per_epoch == 4
    orders = []
    for epoch in range(2):
        seen = [batches.at(epoch * 4 + k).images for k in range(4)]
        assert [len(s) for s in seen] == [16, 16, 16, 2] == [batches.size(epoch * 4 + k) for k in range(4)]
        orders.append(torch.cat(seen).flatten(1))
    rows = {tuple(row) for row in (torch.tensor(part().pixels).float() / 255).flatten(1).tolist()}
    for order in orders:
        assert {tuple(row) for row in order.tolist()} == rows
    assert not torch.equal(*orders)


def test_a_batch_is_a_function_of_seed_and_step_alone() -> None:
    forward, backward = ShuffledBatches(images("dynamic"), 16), ShuffledBatches(images("dynamic"), 16)
    steps = list(range(9))
    ahead = [forward.at(step).images for step in steps]
    behind = [backward.at(step).images for step in reversed(steps)][::-1]
    assert all(torch.equal(a, b) for a, b in zip(ahead, behind, strict=True))


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    batches = ShuffledBatches(images("none"), 500)
    assert (batches.steps_per_epoch, batches.size(3)) == (1, 50)


def test_an_image_is_binarised_alike_whichever_others_are_chosen() -> None:
    source = images("dynamic")
    alone, among = rows_of(source, [7]), rows_of(source, [3, 7, 9])
    assert torch.equal(alone.images[0], among.images[1])
    assert among.labels is not None
    assert among.labels.tolist() == [3, 3, 1]


def test_fewer_images_in_order_are_picked_over_the_whole_part_and_always_the_same() -> None:
    whole = torch.tensor(part().pixels).float() / 255
    found, again = (torch.cat([batch.images for batch in images("none").in_order(20)]) for _ in range(2))
    assert torch.equal(found, again)
    rows = [int((whole == image).flatten(1).all(dim=1).nonzero()[0]) for image in found]
    assert rows == sorted(set(rows))
    assert min(rows) < 15
    assert max(rows) > 35


def test_larger_images_come_in_smaller_batches() -> None:
    pixels = np.zeros((30, 56, 56), dtype=np.uint8)
    large = Images(Part(pixels, None), "none", 1, torch.device("cpu"), "test")
    assert [len(batch.images) for batch in large.in_order(30)] == [30]
    huge = Images(Part(np.zeros((3, 700, 700), dtype=np.uint8), None), "none", 1, torch.device("cpu"), "test")
    assert [len(batch.images) for batch in huge.in_order(3)] == [1, 1, 1]


@pytest.mark.parametrize("count", [50])
def test_all_images_in_order(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.batches.EVALUATED_AT_ONCE", 20)
    found = torch.cat([batch.images for batch in images("none").in_order(count)])
    assert torch.equal(found, torch.tensor(part().pixels).float()[:count] / 255)
