"""What a user names is written where it was meant, and nothing is lost that somebody else wrote."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from genmodels import named_files
from genmodels.data.cache import cache_folder
from genmodels.durable import HIDDEN_NAME, TEMPORARY_PREFIX, hidden_name
from genmodels.errors import GenmodelsError, ResourceError, UsageError
from genmodels.named_files import check_free, forced, is_ours, records_moved, save_file, save_folder

UNIX = pytest.mark.skipif(os.name == "nt", reason="Windows has neither such modes nor such files")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "figure.png"


def test_what_this_program_wrote_is_replaced_again_and_again(out: Path) -> None:
    for content in (b"one", b"two", b"two", b"three"):
        check_free(out)
        save_file(out, content)
        assert out.read_bytes() == content


@pytest.mark.parametrize("mine", [b"mine", b"0n3", b""])
def test_what_the_user_made_or_changed_stays_unless_it_is_forced(out: Path, mine: bytes) -> None:
    save_file(out, b"one")
    out.write_bytes(mine)
    for refused in (lambda: check_free(out), lambda: save_file(out, b"two")):
        with pytest.raises(UsageError, match="is not known to be what genmodels wrote") as error:
            refused()
        assert "force=True" in str(error.value.hint)
        assert "--force" in str(error.value.typed[1])
    assert out.read_bytes() == mine
    with forced():
        check_free(out)
        save_file(out, b"two")
    assert out.read_bytes() == b"two"
    save_file(out, b"three")


def _made(path: Path) -> Path:
    path.write_bytes(b"mine")
    return path


def test_a_copy_under_another_name_is_the_users(out: Path) -> None:
    save_file(out, b"one")
    copy = out.with_name("kept.png")
    copy.write_bytes(b"one")
    with pytest.raises(UsageError):
        save_file(copy, b"two")
    save_file(copy, b"one")  # nothing is lost
    save_file(copy, b"two")


@pytest.mark.parametrize("damage", [b"", b"x", b"3 ", b"\xff", b"3 abc\n", b"9" * 400 + b" x"])
def test_a_record_that_cannot_be_read_means_not_ours(out: Path, damage: bytes) -> None:
    save_file(out, b"one")
    named_files._note(out, cache_folder()).write_bytes(damage)
    assert not is_ours(out)
    with pytest.raises(UsageError):
        save_file(out, b"two")


def test_a_cache_that_cannot_be_written_is_no_reason_not_to_write(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (out.parent / "file").write_bytes(b"")
    monkeypatch.setenv("GENMODELS_CACHE", str(out.parent / "file"))
    monkeypatch.setattr("genmodels.data.cache._passing", [])
    save_file(out, b"one")
    save_file(out, b"two")
    assert out.read_bytes() == b"two", "this process has noted it elsewhere"


def test_figures_of_a_run_that_was_moved_are_drawn_again_with_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    (run / "figures").mkdir(parents=True)
    (run / "run.json").write_text("{}")
    save_file(run / "figures" / "curve.png", b"one")
    moved = run.rename(tmp_path / "moved")
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "none"))
    save_file(moved / "figures" / "curve.png", b"two")
    (moved / "mine.png").write_bytes(b"mine")
    with pytest.raises(UsageError):
        save_file(moved / "mine.png", b"two")


def test_the_record_is_bounded_and_forgets_the_oldest(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_files, "MOST_RECORDED", 8)
    monkeypatch.setattr(named_files, "AT_ONCE", 3)
    files = [out.with_name(f"{number}.png") for number in range(12)]
    for number, file in enumerate(files):
        save_file(file, b"one")
        os.utime(named_files._note(file, cache_folder()), (number, number))
    assert len(list(named_files._note(out, cache_folder()).parent.iterdir())) <= 8
    assert [is_ours(file) for file in (files[0], files[-1])] == [False, True]


def test_a_folder_that_gets_another_name_keeps_what_is_known_of_its_files(tmp_path: Path) -> None:
    save_file(tmp_path / "a" / "figures" / "x.png", b"one")
    (tmp_path / "a" / "mine.png").write_bytes(b"mine")
    (tmp_path / "a").rename(tmp_path / "b")
    records_moved(tmp_path / "a", tmp_path / "b")
    save_file(tmp_path / "b" / "figures" / "x.png", b"two")
    with pytest.raises(UsageError):
        save_file(tmp_path / "b" / "mine.png", b"two")


def test_a_folder_of_ours_in_which_a_file_was_changed_stays(tmp_path: Path) -> None:
    target, files = tmp_path / "folder", {"a": b"1", "below/b": b"2"}
    save_folder(target, files)
    save_folder(target, files | {"a": b"3"})
    (target / "below" / "b").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is not known to be"):
        save_folder(target, files)
    assert (target / "below" / "b").read_bytes() == b"mine"
    with forced():
        save_folder(target, files)
    assert (target / "below" / "b").read_bytes() == b"2"


# -- modes ----------------------------------------------------------------------------------------


@UNIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_a_file_keeps_its_mode(out: Path, mode: int) -> None:
    save_file(out, b"one")
    out.chmod(mode)
    save_file(out, b"two")
    assert stat.S_IMODE(out.stat().st_mode) == mode


@UNIX
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_the_mode_of_the_umask(out: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        save_file(out, b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == mode


# -- links, pipes, devices ------------------------------------------------------------------------


@UNIX
@pytest.mark.parametrize("hops", [1, 3])
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(out: Path, tmp_path: Path, hops: int) -> None:
    (tmp_path / "below").mkdir()
    real = tmp_path / "below" / "real.png"
    save_file(real, b"one")
    for hop in range(hops - 1):
        out.with_name(f"hop{hop}").symlink_to("below/real.png" if hop == 0 else f"hop{hop - 1}")
    out.symlink_to("below/real.png" if hops == 1 else f"hop{hops - 2}")
    save_file(out, b"two")
    assert (real.read_bytes(), out.is_symlink(), real.is_symlink()) == (b"two", True, False)
    real.write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"figure\.png leads to .*real\.png, which is not known to be"):
        save_file(out, b"three")


@UNIX
@pytest.mark.parametrize("leads", ["nowhere.png", "figure.png", "no/folder.png"])
def test_a_link_that_leads_nowhere_is_refused(out: Path, leads: str) -> None:
    out.symlink_to(leads)
    with pytest.raises((UsageError, ResourceError)) as error:
        save_file(out, b"one")
    assert error.value.exit_code in {2, 5}
    assert [path.name for path in out.parent.iterdir() if path.name != "cache"] == ["figure.png"]
    assert out.is_symlink()


@UNIX
@pytest.mark.parametrize("link", [False, True])
def test_a_named_pipe_is_written_into_and_stays(out: Path, link: bool) -> None:
    pipe = out.with_name("pipe")
    os.mkfifo(pipe)
    if link:
        out.symlink_to(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    save_file(out if link else pipe, b"one")
    reader.join(10)
    assert read == [b"one"]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


@UNIX
def test_a_pipe_of_the_shell_is_written_into() -> None:
    reading, writing = os.pipe()
    try:
        save_file(Path(f"/dev/fd/{writing}"), b"one")
        assert os.read(reading, 10) == b"one"
    finally:
        os.close(reading)
        os.close(writing)


@UNIX
def test_a_file_that_is_open_already_goes_on_where_it_is(out: Path) -> None:
    with out.open("wb") as file:
        file.write(b"before ")
        file.flush()
        save_file(Path(f"/dev/fd/{file.fileno()}"), b"one")
        file.write(b" behind")
    assert out.read_bytes() == b"before one behind"


@UNIX
def test_a_device_is_written_into_and_a_full_one_is_told() -> None:
    save_file(Path("/dev/null"), b"one")
    assert stat.S_ISCHR(Path("/dev/null").lstat().st_mode)
    with pytest.raises(ResourceError, match="No space left"):
        save_file(Path("/dev/full"), b"one")
    with pytest.raises(ResourceError):
        save_file(Path("/dev/fd/999"), b"one")


@UNIX
def test_a_socket_is_no_file_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.chdir(tmp_path)  # a short name
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        with pytest.raises(UsageError, match="s is a socket"):
            save_file(Path("s"), b"one")


# -- what a killed process left -------------------------------------------------------------------


def test_the_next_write_sweeps_what_a_killed_one_left_alone(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = out.parent
    left = f"{TEMPORARY_PREFIX}figure.png-17-{'0' * 16}"
    stays = [f"{TEMPORARY_PREFIX}mine", f"{left}x", f"{TEMPORARY_PREFIX}a-17-0123ab", "figure.png-17-" + "0" * 16]
    for name in (left, *stays):
        _made(folder / name)
    (folder / f"{TEMPORARY_PREFIX}folder-17-{'1' * 16}").mkdir()
    if os.name != "nt":
        (folder / f"{TEMPORARY_PREFIX}link-17-{'2' * 16}").symlink_to(folder / "mine.txt")
        os.link(_made(folder / "mine.txt"), folder / f"{TEMPORARY_PREFIX}hard-17-{'3' * 16}")
    before = {path.name for path in folder.iterdir()}
    save_file(out, b"young ones may be being written")
    assert before <= {path.name for path in folder.iterdir()}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 7200)  # when a file's name was changed can't be set
    save_file(out, b"one")
    assert before - {path.name for path in folder.iterdir()} == {left}


def test_every_refusal_is_a_sentence(out: Path) -> None:
    out.mkdir()
    with pytest.raises(GenmodelsError, match="is a folder, not a file to write"):
        save_file(out, b"one")


def test_a_name_that_no_file_can_have_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be the name of a file here"):
        save_file(tmp_path / "\ud800.png", b"one")


@UNIX
@pytest.mark.parametrize("letter", ["a", "ü", "漢", "🙂"])
def test_a_name_may_be_as_long_as_the_file_system_takes_whatever_its_letters(tmp_path: Path, letter: str) -> None:
    path = tmp_path / (letter * (255 // len(letter.encode())))
    for content in (b"one", b"two"):
        check_free(path)
        save_file(path, content)
        assert path.read_bytes() == content
    hidden = hidden_name(path).name
    assert len(os.fsencode(hidden)) < 100, "what is half written has a shorter one"
    assert HIDDEN_NAME.fullmatch(hidden), "by which it is swept"


@UNIX
def test_a_name_that_is_too_long_is_told_before_anything_is_computed_and_when_it_is_written(tmp_path: Path) -> None:
    for name in ("x" * 256, "ü" * 128, "🙂" * 64, "x" * 5_000):
        with pytest.raises(UsageError, match="it is too long"):
            check_free(tmp_path / name)
        with pytest.raises(ResourceError, match="File name too long") as told:
            save_file(tmp_path / name, b"one")
        assert "choose a shorter name" in str(told.value.hint)
    assert list(tmp_path.iterdir()) == []
