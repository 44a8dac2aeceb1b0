"""What lies where a file of ours should be is looked at first: nothing is written or deleted through a link."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from genmodels import durable
from genmodels.durable import (
    TEMPORARY_PREFIX,
    append,
    disk_errors,
    make_ours,
    make_synced,
    opened_whole,
    published_directory,
    replace_file,
    write_synced,
)
from genmodels.errors import ResourceError
from genmodels.leftovers import sweep_temporaries
from genmodels.locks import is_locked, locked

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither such files nor such modes")
PLACED: dict[str, Callable[[Path, Path], None]] = {
    "a link": lambda path, other: path.symlink_to(other),
    "a link to nothing": lambda path, other: path.symlink_to(other.with_name("nothing")),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
    "a link to a folder": lambda path, other: path.symlink_to(other.parent),
}


def lock(path: Path) -> None:
    with locked(path, "it", print):
        pass


def whole(path: Path) -> None:
    with opened_whole(path) as file:
        file.truncate(0)


WRITES: dict[str, Callable[[Path], None]] = {
    "replaced": lambda path: replace_file(path, b"ours"),
    "added to": lambda path: append(path, b"ours"),
    "cut": whole,
    "locked": lock,
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", PLACED)
@pytest.mark.timeout(20)
def test_what_is_no_file_of_ours_is_refused_and_stays(tmp_path: Path, kind: str, write: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    mine, path = tmp_path / "elsewhere" / "mine", tmp_path / "ours"
    mine.write_bytes(b"mine")
    PLACED[kind](path, mine)
    before = path.lstat()
    with pytest.raises(ResourceError, match="nothing is written through or over it"), disk_errors(path):
        WRITES[write](path)
    assert (path.lstat().st_ino, stat.S_IFMT(path.lstat().st_mode)) == (before.st_ino, stat.S_IFMT(before.st_mode))
    assert mine.read_bytes() == b"mine"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["elsewhere", "mine", "ours"]


@pytest.mark.timeout(20)
def test_a_look_at_a_lock_that_is_a_pipe_or_a_link_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    assert not is_locked(tmp_path / "pipe")
    assert not is_locked(tmp_path / "link")


def test_the_temporary_name_cannot_be_foretold_and_is_never_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    write = durable.write_synced
    monkeypatch.setattr(durable, "write_synced", lambda path, *of: (names.append(path.name), write(path, *of))[1])
    for _ in range(8):
        replace_file(tmp_path / "ours", b"ours")
    assert len(set(names)) == 8
    assert all(name.startswith(TEMPORARY_PREFIX) for name in names)
    monkeypatch.setattr(durable.secrets, "token_hex", lambda _: "0" * 16)
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / f"{TEMPORARY_PREFIX}ours-{os.getpid()}-{'0' * 16}").symlink_to("mine")
    with pytest.raises(FileExistsError):
        replace_file(tmp_path / "ours", b"new")
    assert [(tmp_path / name).read_bytes() for name in ("mine", "ours")] == [b"mine", b"ours"]


def test_a_new_file_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_synced(tmp_path / "mine", b"ours")
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_private_file_stays_private_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "ours", []
    path.write_bytes(b"one")
    path.chmod(0o600)
    fsync = os.fsync

    def looked(descriptor: int) -> None:
        seen.extend(stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", looked)
    replace_file(path, b"two")
    assert set(seen) == {0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_sweep_follows_no_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in (f"{TEMPORARY_PREFIX}a", ".old-b~1", "mine"):
        (kept / name).write_bytes(b"mine")
    (tmp_path / "link").symlink_to(kept)
    sweep_temporaries(tmp_path / "link")
    (tmp_path / "run").mkdir()
    for name in (f"{TEMPORARY_PREFIX}a", ".old-b~1"):
        (tmp_path / "run" / name).symlink_to(kept)
    (tmp_path / "run" / f"{TEMPORARY_PREFIX}file").symlink_to(kept / "mine")
    sweep_temporaries(tmp_path / "run")
    assert len(list(kept.iterdir())) == 3
    assert sorted(one.name for one in (tmp_path / "run").iterdir()) == [".old-b~1", ".tmp-a", ".tmp-file"]


def test_a_folder_of_ours_that_is_a_link_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "target").symlink_to("kept")
    with (
        pytest.raises(ResourceError, match="it is a link"),
        disk_errors(tmp_path),
        published_directory(tmp_path / "target"),
    ):
        pass
    with pytest.raises(ResourceError, match="it is a link"), disk_errors(tmp_path):
        make_ours(tmp_path / "target")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "target"]


def test_what_becomes_a_pipe_between_the_look_and_the_opening_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(durable, "look_at", lambda *_: None)
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ResourceError), disk_errors(tmp_path):
        append(tmp_path / "pipe", b"ours")
    os.close(reading)


# -- durable names --------------------------------------------------------------------------------


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that were synced, in order."""
    done: list[Path] = []
    sync = durable.sync_directory
    monkeypatch.setattr(durable, "sync_directory", lambda path: (done.append(path), sync(path))[1])
    return done


def test_the_parent_of_each_new_folder_is_synced(tmp_path: Path, synced: list[Path]) -> None:
    make_synced(tmp_path / "a" / "b" / "c")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]
    make_synced(tmp_path / "a" / "b" / "c")
    assert len(synced) == 3, "nothing is new"
    make_ours(tmp_path / "a" / "samples")
    make_ours(tmp_path / "a" / "samples")
    assert synced[3:] == [tmp_path / "a"]


def test_the_name_of_a_new_file_that_grows_is_synced_once(tmp_path: Path, synced: list[Path]) -> None:
    for line in (b"one\n", b"two\n"):
        append(tmp_path / "metrics.jsonl", line)
        assert synced == [tmp_path], line
    assert (tmp_path / "metrics.jsonl").read_bytes() == b"one\ntwo\n"
