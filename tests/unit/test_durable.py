import errno
import os
import shutil
from pathlib import Path
from typing import IO

import pytest

from genmodels import locks
from genmodels.durable import published_directory, read_json, sync_directory
from genmodels.errors import RunError, UsageError
from genmodels.leftovers import older_than, sweep_temporaries
from genmodels.locks import is_locked, locked
from genmodels.named_files import save_folder


def publish(target: Path, text: str, good: bool) -> None:
    with published_directory(target, lambda: good) as folder:
        (folder / "file").write_text(text)


@pytest.mark.parametrize(("good", "kept"), [(True, "theirs"), (False, "ours")])
def test_what_another_process_published_meanwhile_stays_if_it_is_good(tmp_path: Path, good: bool, kept: str) -> None:
    target = tmp_path / "t"
    publish(target, "theirs", good=False)
    before = target.stat().st_ino
    publish(target, "ours", good)
    assert (target / "file").read_text() == kept
    assert (target.stat().st_ino == before) == good, "a good one is never moved aside, not even for a moment"
    assert [p.name for p in tmp_path.iterdir()] == ["t"]


def test_a_sweep_leaves_alone_what_another_process_may_be_writing(tmp_path: Path) -> None:
    for name in (".tmp-a-1", ".old-b~1"):
        (tmp_path / name).mkdir()
    sweep_temporaries(tmp_path, seconds_old=100.0)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".old-b~1", ".tmp-a-1"]
    sweep_temporaries(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["b"], "given its name back; the half-written one is gone"


def test_a_sweep_survives_an_entry_that_vanishes_under_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".tmp-a-1").mkdir()
    monkeypatch.setattr(Path, "glob", lambda *_: iter([tmp_path / ".tmp-gone", tmp_path / ".tmp-a-1"]))
    assert list(older_than(tmp_path.glob("*"), 0.0)) == [tmp_path / ".tmp-a-1"]


def raising(code: int):
    def call(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


def test_a_file_system_without_locks_is_told_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(locks, "_lock", raising(errno.ENOLCK))
    with locked(tmp_path / ".lock", "the run", said.append):
        pass
    assert "cannot be locked" in said[0]


def test_a_look_at_a_lock_neither_makes_the_file_nor_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    assert not is_locked(path)
    assert not path.exists()
    with locked(path, "the run", print):
        assert is_locked(path)
    assert not is_locked(path)
    with locked(path, "the run", print):
        pass


def test_a_lock_that_is_held_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, whole = [errno.EWOULDBLOCK], locks._lock

    def looked_at(file: IO[bytes]) -> None:
        if held:
            raising(held.pop())()
        whole(file)

    monkeypatch.setattr(locks, "_lock", looked_at)
    with locked(tmp_path / ".lock", "the run", print):
        assert not held


def test_a_held_lock_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_lock", raising(errno.EWOULDBLOCK))
    with pytest.raises(RunError, match="another process"), locked(tmp_path / ".lock", "the run", print):
        pass


def test_an_error_while_the_lock_is_held_keeps_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path / ".lock", "the run", print):
        (tmp_path / "nothing").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no call to sync a folder")
@pytest.mark.parametrize(("code", "fatal"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_is_no_reason_to_stop_but_a_failing_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, fatal: bool
) -> None:
    monkeypatch.setattr(os, "fsync", raising(code))
    if fatal:
        with pytest.raises(OSError, match=os.strerror(code)):
            sync_directory(tmp_path)
    else:
        sync_directory(tmp_path)


def test_json_that_is_nested_without_end_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("[" * 100_000)
    with pytest.raises(RunError, match="damaged"):
        read_json(path)


def test_a_folder_is_replaced_as_a_whole_and_only_by_its_own_kind(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder"
    save_folder(target, {"a": b"1", "below/b": b"2"})
    save_folder(target, {"a": b"3", "below/c": b"4", "below/b": b""})
    assert {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()} == {
        "a": b"3", "below/b": b"", "below/c": b"4",
    }  # fmt: skip
    assert [path.name for path in target.parent.iterdir()] == ["folder"]


@pytest.mark.parametrize("strange", ["mine", "below/mine", "other/a", "empty/", "-> a", "below -> ."])
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, strange: str) -> None:
    files = {"a": b"1", "below/b": b"2"}
    save_folder(tmp_path / "folder", files)
    name, arrow, _ = strange.partition("-> ")
    lost = tmp_path / "folder" / (name.strip() or "a")
    if arrow:
        shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
        (tmp_path / "elsewhere").mkdir()
        lost.symlink_to(tmp_path / "elsewhere")
    elif name.endswith("/"):
        lost.mkdir()
    else:
        lost.parent.mkdir(exist_ok=True)
        lost.write_bytes(b"mine")
    with pytest.raises(UsageError, match="which would be lost"):
        save_folder(tmp_path / "folder", files)
    assert os.path.lexists(lost)


@pytest.mark.parametrize("kind", ["link", "dangling link", "file"])
def test_a_folder_is_never_written_through_a_link_nor_over_a_file(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "target"
    if kind == "file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to(tmp_path / ("elsewhere" if kind == "link" else "nowhere"))
    with pytest.raises(UsageError, match=f"is a {kind.rpartition(' ')[2]}, not a folder"):
        save_folder(target, {"a": b"1"})
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["../b", "/b", "a/../../b"])
def test_no_file_of_a_folder_lies_outside_of_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no place within a folder"):
        save_folder(tmp_path / "new", {"a": b"", name: b""})
    assert list(tmp_path.iterdir()) == []


def test_the_current_folder_and_one_without_its_main_file_are_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="the current folder"):
        save_folder(Path(), {"weights": b""})
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "README.md").write_text("mine")
    with pytest.raises(UsageError, match=r"holds README\.md, which would be lost"):
        save_folder(Path("own"), {"weights": b"", "README.md": b""})
    assert (tmp_path / "own" / "README.md").read_text() == "mine"
