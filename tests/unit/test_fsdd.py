"""The Free Spoken Digit Dataset: fetched from a server here, placed by hand, checked, and as it really is."""

import io
import os
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import SHARED
from genmodels.data.downloads import downloads_folder
from genmodels.data.sound.sets import fsdd
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError
from genmodels.telling import silent
from spoken import wav, write

Serve = Callable[[bytes], None]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A set of the same form, with two words and two speakers, in the place of the real one."""
    names = [f"{d}_{who}_{n}.wav" for d in (3, 8) for who in ("theo", "lucas") for n in range(25)]
    made = {name: write(tmp_path / "made" / name, wav(seed)).read_bytes() for seed, name in enumerate(names)}
    monkeypatch.setattr(fsdd, "FILES", frozenset(made))
    monkeypatch.setattr(fsdd, "SUM", fsdd.sum_of(made))
    return made


def tarball(files: dict[str, bytes], *others: tarfile.TarInfo, root: str = "fsdd-26eb9aa/recordings/") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for member in others:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
        for name, content in files.items():
            member = tarfile.TarInfo(root + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def noisy(files: dict[str, bytes]) -> bytes:
    """The same behind 2.3 MB that nothing packs smaller."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(member("noise.bin", 2_300_000), io.BytesIO(os.urandom(2_300_000)))
        for name, content in files.items():
            archive.addfile(member(name, len(content)), io.BytesIO(content))
    return out.getvalue()


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A server that answers with what a test hands it; nothing: it has no such page."""
    content: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/there" or not content:
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content[0])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing it waits for them
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setattr(fsdd, "URL", f"http://127.0.0.1:{server.server_address[1]}/there")
    monkeypatch.delenv("GENMODELS_OFFLINE", raising=False)
    yield content.append
    server.shutdown()
    server.server_close()
    thread.join()


def fails() -> DataError:
    with pytest.raises(DataError) as caught:
        open_words("fsdd", silent)
    return caught.value


def test_it_is_fetched_once_divided_officially_and_kept(
    files: dict[str, bytes], serve: Serve, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    serve(tarball(files))
    notices: list[str] = []
    words = open_words("fsdd", notices.append)
    assert notices == [
        "fetching the Free Spoken Digit Dataset (16 MB; licence CC BY-SA 4.0)",
        "reading the Free Spoken Digit Dataset (once)",
    ]
    assert (words.name, words.source, words.taken) == ("Free Spoken Digit Dataset", "fsdd", None)
    assert (words.words, words.speakers) == (("three", "eight"), ("lucas", "theo"))
    assert sorted(words.test.files) == sorted(name for name in files if int(name.rpartition("_")[2][:-4]) < 5)
    assert (len(words.train), len(words.test)) == (80, 20)
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    assert open_words("fsdd", notices.append).fingerprint == words.fingerprint
    assert len(notices) == 2
    assert list((own_cache / "downloads").iterdir()) == []


def test_how_far_it_is_is_told(files: dict[str, bytes], serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsdd, "MEGABYTES_APART", 1)
    serve(noisy(files))
    notices: list[str] = []
    open_words("fsdd", notices.append)
    assert notices[1:-1] == ["fetched 1 MB of about 16", "fetched 2 MB of about 16"]


def test_only_the_expected_names_are_taken_and_none_is_a_path(
    files: dict[str, bytes], serve: Serve, tmp_path: Path
) -> None:
    first, *_ = files
    strange = [
        member("../../../../../../tmp/evil.wav", 10),
        member("/etc/evil.wav", 10),
        member(f"a/{first}", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        member(f"b/{first}", kind=tarfile.LNKTYPE, link="/etc/passwd"),
        member(f"c/{first}", kind=tarfile.DIRTYPE),
        member(f"d/{first}", kind=tarfile.FIFOTYPE),
        member("notes.txt", 3000),
    ]
    serve(tarball(files, *strange, root="../../"))
    assert len(open_words("fsdd", silent).train) == 80


def test_what_is_not_as_published_is_refused(files: dict[str, bytes], serve: Serve) -> None:
    first = min(files)
    serve(tarball({**files, first: files[first][:-2] + b"\0\1"}))
    error = fails()
    assert error.what.startswith(f"the recordings of {fsdd.URL} have the SHA-256 sum ")
    assert str(downloads_folder("fsdd")) in str(error.hint)


def test_a_lacking_recording_is_named(files: dict[str, bytes], serve: Serve) -> None:
    first = min(files)
    serve(tarball({name: content for name, content in files.items() if name != first}))
    assert fails().what.endswith(f"lacks 1 of the 100 recordings of the Free Spoken Digit Dataset: {first}")


@pytest.mark.parametrize("size", [0, 1, 10, 500, 5_000, -900])
def test_a_broken_download_leaves_nothing(files: dict[str, bytes], serve: Serve, own_cache: Path, size: int) -> None:
    serve(tarball(files)[:size])
    error = fails()
    assert "could not be fetched" in error.what or "lacks" in error.what
    assert not (own_cache / "words").exists()


def test_no_archive_a_missing_page_and_no_server_are_one_sentence(
    files: dict[str, bytes], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fails().what == "the Free Spoken Digit Dataset could not be fetched: HTTP Error 404: Not Found"
    serve(b"<html>log in to the network of the hotel</html>")
    assert "could not be fetched" in fails().what
    monkeypatch.setattr(fsdd, "URL", "http://127.0.0.1:9/there")
    assert "could not be fetched" in fails().what


@pytest.mark.parametrize(
    ("limit", "what"),
    [("MOST_UNPACKED", "it unpacks to more than 1 MiB"), ("MOST_FETCHED", "it is larger than 1 MiB")],
)
def test_what_is_larger_than_it_can_be_is_refused(
    files: dict[str, bytes], serve: Serve, monkeypatch: pytest.MonkeyPatch, limit: str, what: str
) -> None:
    serve(tarball({}, member("huge", 40 << 20)) if limit == "MOST_UNPACKED" else noisy(files))
    monkeypatch.setattr(fsdd, limit, 1 << 20)
    assert fails().what.endswith(f"could not be fetched: {what}")


def test_offline_nothing_is_asked_of_the_network(
    files: dict[str, bytes], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(tarball(files))
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    error = fails()
    assert error.what == "the Free Spoken Digit Dataset is not in the cache and GENMODELS_OFFLINE is set"
    assert str(error.hint).startswith(f"put {fsdd.URL} or its recordings into {downloads_folder('fsdd')}, or name")


@pytest.mark.parametrize("inner", ["", "free-spoken-digit-dataset-master/recordings"])
def test_recordings_placed_by_hand_are_taken(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    folder = downloads_folder("fsdd") / inner
    folder.mkdir(parents=True)
    fsdd.write_into(folder, files)
    (folder / "README.md").write_text("x")
    assert len(open_words("fsdd", silent).train) == 80


def test_the_archive_placed_by_hand_is_taken(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    downloads_folder("fsdd").mkdir(parents=True)
    (downloads_folder("fsdd") / "v1.tar.gz").write_bytes(tarball(files))
    assert len(open_words("fsdd", silent).train) == 80


def test_others_placed_by_hand_are_refused_with_a_way_out(files: dict[str, bytes]) -> None:
    folder = downloads_folder("fsdd")
    folder.mkdir(parents=True)
    fsdd.write_into(folder, {name: content + b"\0\0" for name, content in files.items()})
    error = fails()
    assert error.what.startswith(f"the recordings of {folder} have the SHA-256 sum")
    assert str(error.hint).endswith(f"files of your own are given as a path: --dataset {folder}.")
    (folder / "x.tgz").write_bytes(b"junk")
    (folder / min(files)).unlink()
    assert fails().what.startswith(f"the Free Spoken Digit Dataset in {folder} can't be read: ")


@pytest.fixture
def recordings() -> Path:
    """The real ones."""
    return SHARED / "speech" / "fsdd"


@pytest.mark.real_data
def test_the_real_recordings_have_the_sum_that_is_asked_for(recordings: Path) -> None:
    files = {file.name: file.read_bytes() for file in recordings.iterdir()}
    assert fsdd.sum_of(files) == fsdd.SUM
    assert set(files) == fsdd.FILES


@pytest.mark.real_data
def test_the_real_set_is_divided_as_published_and_opens_fast(recordings: Path, own_cache: Path) -> None:
    downloads_folder("fsdd").parent.mkdir(parents=True)
    downloads_folder("fsdd").symlink_to(recordings, target_is_directory=True)
    words = open_words("fsdd", silent)
    assert (len(words.train), len(words.test)) == (2_700, 300)
    assert words.words == ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    assert words.speakers == fsdd.SPEAKERS
    assert words.train.seconds + words.test.seconds == pytest.approx(1312.3, abs=0.1)
    began = time.process_time()
    open_words("fsdd", silent)
    assert time.process_time() - began < 1
    assert open_words(str(recordings), silent).fingerprint == words.fingerprint
