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


def test_a_library_that_is_missing_or_broken_is_no_matter_of_memory(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('no module y')")
    done = subprocess.run(
        [sys.executable, "-c", limits.TRIAL, "torch", "0"], env=os.environ | {"PYTHONPATH": str(tmp_path)}, check=False
    )
    assert done.returncode == 0
