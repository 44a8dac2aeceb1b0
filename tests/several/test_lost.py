"""What a process says that has lost another one, by what the libraries say that pass on what all tell each other."""

import signal

import pytest

from genmodels import processes
from genmodels.errors import ResourceError
from genmodels.processes import World, answers

GLOO = "[/w/third_party/gloo/gloo/transport/tcp"
ENDED, SILENT = "as another one has ended", "as another one has not answered in time"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"{GLOO}/pair.cc:561] Connection closed by peer [127.0.0.1]:42114. This is typically caused by", ENDED),
        (f"{GLOO}/pair.cc:545] Read error [127.0.0.1]:4020: Connection reset by peer", ENDED),
        (f"[/runtime/3rd/{GLOO}/pair.cc:545] Read error [127.0.0.1]:4020: Connection reset by peer", ENDED),
        (f"{GLOO}/unbound_buffer.cc:78] Timed out waiting 20000ms for recv operation to complete", SILENT),
        (f"{GLOO}/pair.cc:640] Connect timeout [127.0.0.1]:4020", SILENT),
        ("Application timeout caused pair closure", SILENT),
    ],
)  # fmt: skip
def test_one_that_has_ended_is_told_from_one_that_is_silent(
    said: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GIVEN_WAY", 0.0)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(ResourceError, match=told), answers(World(1, 4)):
            raise RuntimeError(said)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_has_nothing_to_do_with_processes_is_not_told_so() -> None:
    with pytest.raises(RuntimeError, match=r"^mat1 and mat2"), answers(World(1, 4)):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
