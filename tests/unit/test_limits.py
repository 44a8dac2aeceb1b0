import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genmodels import limits
from genmodels.durable import disk_errors
from genmodels.errors import ResourceError
from genmodels.limits import Porter, address_space, address_space_told, hint_of, is_of_memory

resource = pytest.importorskip("resource", reason="POSIX")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        RuntimeError("can't start new thread"),
        RuntimeError("std::bad_alloc"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), "corpus.txt"),
    ],
)
def test_errors_of_memory_are_told_by_their_words(error: Exception) -> None:
    assert is_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("shapes differ"), OSError(errno.ENOENT, "No such file", "bad_alloc.txt"), ImportError("no module x")],
)
def test_other_errors_are_not_of_memory_whatever_a_file_is_called(error: Exception) -> None:
    assert not is_of_memory(error)


def test_a_limit_is_named_in_the_unit_that_ulimit_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2_048_000_000, resource.RLIM_INFINITY))
    assert address_space() == 2_048_000_000
    assert address_space_told() == "this process may use 2,000,000 kB of address space (ulimit -v)"
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert address_space() is None
    assert address_space_told() is None


def test_a_limit_on_a_file_s_size_is_what_the_hint_is_about() -> None:
    with pytest.raises(ResourceError) as caught, disk_errors(Path("x")):
        raise OSError(errno.EFBIG, "File too large", "x")
    assert "ulimit -f" in str(caught.value.hint)
    assert "ulimit -n" in str(hint_of(OSError(errno.EMFILE, "Too many open files")))
    assert hint_of(OSError("no number")) is None


def test_only_what_loads_much_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(limits, "_check_room", tried.append)
    for name in ("json", "numpy", "numpy.linalg", "torch", "torchvision"):
        assert Porter().find_spec(name, None) is None
    assert tried == ["numpy", "torch"]


@pytest.fixture
def ends_with(monkeypatch: pytest.MonkeyPatch):
    """Whether an end of the trial is told as too little address space."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2_048_000_000, resource.RLIM_INFINITY))

    def ends(code: str) -> bool:
        monkeypatch.setattr(limits, "TRIAL", f"import os, signal, sys, time\n{code}")
        try:
            limits._check_room("torch")
        except ResourceError as error:
            assert "too little to work with PyTorch" in str(error)
            return True
        return False

    return ends


@pytest.mark.parametrize(
    "code",
    [
        f"os._exit({limits.OF_MEMORY})",
        "os.kill(os.getpid(), signal.SIGABRT)",
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "os.kill(os.getpid(), signal.SIGBUS)",
        "sys.exit('OpenBLAS error: Memory allocation still failed after 10 retries, giving up.')",
        "raise OSError(12, 'Cannot allocate memory')",
        'raise RuntimeError("can\'t start new thread")',
    ],
)
def test_ends_for_want_of_memory_are_told_as_such(ends_with, code: str) -> None:
    assert ends_with(code)


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "sys.exit(1)",
        "os.kill(os.getpid(), signal.SIGILL)",
        "raise OSError('libtorch.so: cannot open shared object file')",
        "sys.stderr.write('out of memory, nearly')",
    ],
)
def test_other_ends_are_left_to_the_real_import(ends_with, code: str) -> None:
    assert not ends_with(code)


def test_a_trial_that_hangs_is_left_alone(ends_with, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TRIAL_SECONDS", 0.3)
    assert not ends_with("time.sleep(20); os.abort()")


@pytest.mark.parametrize(("error", "code"), [("MemoryError", 73), ("ImportError('failed to map segment')", 73)])
def test_the_trial_ends_with_its_own_code_for_memory(tmp_path: Path, error: str, code: int) -> None:
    (tmp_path / "torch.py").write_text(f"raise {error}")
    done = subprocess.run(
        [sys.executable, "-c", limits.TRIAL, "torch", "0"], env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=False
    )
    assert done.returncode == code == limits.OF_MEMORY


def test_a_library_that_is_missing_or_broken_is_no_matter_of_memory(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('no module y')")
    done = subprocess.run(
        [sys.executable, "-c", limits.TRIAL, "torch", "0"], env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=False
    )
    assert done.returncode == 0
