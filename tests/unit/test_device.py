import os
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from genmodels import device as module
from genmodels.device import check_precision, choose_device, memory_errors, reproducible, step_generator
from genmodels.errors import ResourceError, UsageError
from genmodels.settings.text import TextSettings
from genmodels.training.reporting import QuietReporter
from genmodels.training.sharing import sharing_of
from genmodels.training.starting import train

CPU = torch.device("cpu")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine on which CUDA and MPS are missing, for a reason that each test sets."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(module, "_driver_is_installed", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for a machine with two GPUs, as far as choosing goes."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Example GPU")


def test_a_build_without_cuda_is_named(no_gpu: pytest.MonkeyPatch) -> None:
    no_gpu.setattr(torch.version, "cuda", None)
    with pytest.raises(ResourceError, match="build without CUDA"):
        choose_device("cuda")


@pytest.mark.parametrize("value", ["", "-1"])
def test_hidden_devices_are_named(no_gpu: pytest.MonkeyPatch, value: str) -> None:
    no_gpu.setenv("CUDA_VISIBLE_DEVICES", value)
    with pytest.raises(ResourceError, match="hides every GPU") as caught:
        choose_device("cuda:0")
    assert "unset CUDA_VISIBLE_DEVICES" in str(caught.value.hint)


def test_a_missing_driver_is_named(no_gpu: pytest.MonkeyPatch) -> None:
    no_gpu.setattr(module, "_driver_is_installed", lambda: False)
    with pytest.raises(ResourceError, match="no NVIDIA driver is installed"):
        choose_device("cuda")


def test_a_driver_without_a_device_is_named_with_the_cuda_version(no_gpu: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match=r"offers no device .* CUDA 13\.0"):
        choose_device("cuda")


def test_auto_falls_back_and_says_why(no_gpu: pytest.MonkeyPatch) -> None:
    choice = choose_device("auto")
    assert choice.device == CPU
    assert "no GPU" in choice.reason


def test_auto_takes_a_gpu_and_an_index_is_checked(two_gpus: None) -> None:
    assert choose_device("auto").device == torch.device("cuda", 0)
    assert choose_device("cuda:1").device == torch.device("cuda", 1)
    with pytest.raises(ResourceError, match=r"cuda:2, but there are 2 \(0 to 1\)"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cpu:0", "", "cuda:-1", "mps:0"])
def test_what_is_no_device_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not a device"):
        choose_device(name)


@pytest.mark.parametrize(("built", "fragment"), [(False, "built without MPS"), (True, "no MPS device")])
def test_missing_mps_says_which(no_gpu: pytest.MonkeyPatch, built: bool, fragment: str) -> None:
    no_gpu.setattr(torch.backends.mps, "is_built", lambda: built)
    with pytest.raises(ResourceError, match=fragment):
        choose_device("mps")


def test_half_precision_is_for_cuda_only() -> None:
    check_precision("fp32", CPU)
    check_precision("bf16", torch.device("cuda", 0))
    with pytest.raises(UsageError, match="works on CUDA only"):
        check_precision("bf16", CPU)


def test_out_of_memory_is_told_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_memory", lambda _: 3 * 2**20)
    with (
        pytest.raises(ResourceError, match=r"out of memory on cuda:0 \(3 MiB free now\) with --batch-size 9"),
        memory_errors(torch.device("cuda", 0), "--batch-size 9"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_the_cpu_allocator_s_complaint_is_recognised_and_other_errors_pass() -> None:
    with pytest.raises(ResourceError, match="out of memory on cpu"), memory_errors(CPU, "x"):
        torch.empty(2**50)
    with pytest.raises(RuntimeError, match="shapes cannot"), memory_errors(CPU, "x"):
        torch.zeros(2, 3) @ torch.zeros(2, 3)


def test_a_random_number_depends_on_seed_stream_and_step_alone() -> None:
    def draw(seed: int, stream: str, step: int) -> float:
        return float(torch.rand(1, generator=step_generator(CPU, seed, stream, step)))

    torch.manual_seed(0)
    first = draw(1, "dropout", 5)
    torch.rand(100)
    assert draw(1, "dropout", 5) == first
    others = {draw(2, "dropout", 5), draw(1, "noise", 5), draw(1, "dropout", 6), first}
    assert len(others) == 4


WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


def test_on_cuda_training_sums_in_a_fixed_order_and_the_caller_s_choice_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(WORKSPACE, raising=False)
    fixed = torch.are_deterministic_algorithms_enabled
    with reproducible(CPU):
        assert not fixed()
    with reproducible(torch.device("cuda")):
        assert fixed()
        assert os.environ[WORKSPACE] == ":4096:8"
        assert not torch.utils.deterministic.fill_uninitialized_memory
    assert not fixed()
    assert WORKSPACE not in os.environ
    assert torch.utils.deterministic.fill_uninitialized_memory


def test_a_caller_who_only_wants_warnings_or_chose_a_workspace_has_them_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE, ":16:8")
    warns = torch.is_deterministic_algorithms_warn_only_enabled
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with reproducible(torch.device("cuda")):
            assert not warns()
            assert os.environ[WORKSPACE] == ":16:8"
        assert torch.are_deterministic_algorithms_enabled()
        assert warns()
        assert os.environ[WORKSPACE] == ":16:8"
    finally:
        torch.use_deterministic_algorithms(False)


def test_a_training_runs_only_kernels_of_a_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.loop.fulfil", lambda *_: torch.are_deterministic_algorithms_enabled())
    settings = TextSettings(threads=None)
    task: Any = SimpleNamespace(device=torch.device("cuda"), settings=settings, sharing=sharing_of())
    nothing: Any = None
    run: Any = SimpleNamespace(document=dict)
    assert train(task, nothing, nothing, run, QuietReporter())
    assert not torch.are_deterministic_algorithms_enabled()
