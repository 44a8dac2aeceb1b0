"""What every family does before its loop."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from genmodels.errors import RunError, UsageError
from genmodels.settings.text import TextSettings
from genmodels.training.setup import on_device, ready, resumed_settings, updater_of

SETTINGS = TextSettings(device="cpu", learning_rate=0.01, beta1=0.5, beta2=0.6, gradient_clip=2.0)


def document(settings: TextSettings) -> dict[str, Any]:
    return {"settings": {name: {"value": value, "from": "flag"} for name, value in settings.to_mapping().items()}}


def test_the_device_is_chosen_and_the_threads_are_fixed() -> None:
    before = torch.get_num_threads()
    try:
        choice = ready(replace(SETTINGS, threads=2))
        assert (choice.device.type, choice.reason) == ("cpu", "asked for")
        assert torch.get_num_threads() == 2
        ready(SETTINGS)
        assert torch.get_num_threads() == 2, "None keeps what is in force"
    finally:
        torch.set_num_threads(before)


def test_a_wrong_device_is_told_before_a_wrong_precision_and_both_before_threads_are_fixed() -> None:
    before = torch.get_num_threads()
    wrong = replace(SETTINGS, device="tpu", precision="bf16", threads=before + 1)
    with pytest.raises(UsageError, match="device='tpu' is not a device"):
        ready(wrong)
    with pytest.raises(UsageError, match="--precision bf16 works on CUDA only"):
        ready(replace(wrong, device="cpu"))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("device", [None, "cpu"])
def test_a_run_that_goes_on_where_it_was_keeps_its_settings_and_says_nothing(device: str | None) -> None:
    said: list[str] = []
    assert resumed_settings(TextSettings, document(SETTINGS), device, said.append) == SETTINGS
    assert said == []


def test_a_run_that_goes_on_elsewhere_says_so_and_gives_half_precision_up() -> None:
    said: list[str] = []
    recorded = replace(SETTINGS, device="cuda", precision="bf16")
    found = resumed_settings(TextSettings, document(recorded), "cpu", said.append)
    assert (found.device, found.precision) == ("cpu", "fp32")
    assert "--device cpu instead of cuda" in said[0]
    assert "--precision bf16 works on CUDA only" in said[1]


def test_settings_that_cannot_be_read_are_a_damaged_run() -> None:
    with pytest.raises(RunError, match=r"run\.json holds no valid settings"):
        resumed_settings(TextSettings, {"settings": {"model": {}}}, None, lambda _: None)


def test_the_optimiser_is_the_one_that_the_settings_describe() -> None:
    updater = updater_of(nn.Linear(2, 1), SETTINGS, scaled=False, times=3.0)
    assert updater.learning_rate == pytest.approx(0.03)
    assert updater.gradient_clip == 2.0
    matrices, vectors = updater.optimizer.param_groups
    assert matrices["betas"] == (0.5, 0.6)
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (SETTINGS.weight_decay, 0.0)
    assert not updater.scaler.is_enabled()


def test_a_run_in_full_precision_goes_on_elsewhere_without_a_word_of_precision() -> None:
    said: list[str] = []
    on_device(replace(SETTINGS, device="cuda", precision="fp32"), "cpu", said.append)
    assert said == ["goes on with --device cpu instead of cuda: the same course, but not bit for bit"]
