"""Entries of the cache: bound to their key, every byte to a sum; what others may have written is not believed."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genmodels.data import cache as cache_module
from genmodels.data import entries
from genmodels.data.cache import cache_folders, is_believed, others_may_write
from genmodels.data.downloads import swept_root
from genmodels.data.entries import Entry, KeptFile, Making, keep, look, manifest_of
from genmodels.data.images.kept import keep as keep_images
from genmodels.data.images.kept import kept_by_fingerprint
from genmodels.data.images.kept import open_kept as open_images_kept
from genmodels.data.images.parts import Part, Parts
from genmodels.data.read_before import NOTE, read_before, remember
from genmodels.data.sound.clips import WordSet, clips_of
from genmodels.data.sound.sets.kept import keep as keep_words
from genmodels.data.sound.sets.kept import open_kept as open_words_kept
from genmodels.data.text.corpus import HowRead, open_cached, open_corpus
from genmodels.errors import DataError, ResourceError
from genmodels.telling import silent

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of this kind are POSIX")
PARTS = Parts(Part(np.arange(24, dtype=np.uint8).reshape(4, 2, 3), np.arange(4) % 3),
              Part(np.full((2, 2, 3), 7, np.uint8), np.array([0, 2])), ("ä", "b", "c"))  # fmt: skip
FACTS = (4, 2, ("ä", "b", "c"), "name", "fp")


@pytest.fixture
def passing() -> Iterator[list[Path]]:
    """The cache of this process alone, gone again after a test."""
    before = list(cache_module._passing)
    cache_module._passing.clear()
    yield cache_module._passing
    for folder in cache_module._passing:
        shutil.rmtree(folder)
    cache_module._passing[:] = before


def kept_images(said: list[str] | None = None) -> tuple[object, ...] | None:
    found = open_images_kept("key", "x", silent if said is None else said.append)
    return None if found is None else (
        found.name, found.classes, found.fingerprint, found.train.pixels.tobytes(), found.test.pixels.tobytes(),
        *(None if part.labels is None else part.labels.tolist() for part in (found.train, found.test)),
        dict(found.reading),
    )  # fmt: skip


def word_set() -> WordSet:
    clips = clips_of([np.arange(9, dtype=np.int16), np.arange(5, dtype=np.int16)], [[0], [1]], [0, 0], ["a", "b"])
    return WordSet("name", "x", clips, clips, ("yes", "no"), ("ann",), "fp")


def kept_words() -> tuple[object, ...] | None:
    found = open_words_kept("key", "x")
    return None if found is None else (
        found.name, found.words, found.speakers, found.fingerprint, dict(found.reading),
        *(None if array is None else array.tobytes() for part in (found.train, found.test) for array in
          (part.samples, part.starts, part.words, part.word_starts, part.speakers)),
        *(tuple(part.files) for part in (found.train, found.test)),
    )  # fmt: skip


def kept_text(fingerprint: str) -> tuple[object, ...] | None:
    found = open_cached(fingerprint, ("x",))
    return None if found is None else (found.length, found.vocabulary, found.read(0, 99).tolist(), found.notices)


def filled(kind: str) -> tuple[str, object]:
    """An entry of a kind: its key, and what looks it up."""
    if kind == "images":
        keep_images("key", "name", "x", PARTS, True)
        return "key", kept_images
    if kind == "words":
        keep_words("key", word_set())
        return "key", kept_words
    fingerprint = open_corpus([], HowRead(), silent, text="häß\r\nlich").fingerprint
    return fingerprint, lambda: kept_text(fingerprint)


def flipped(path: Path, bit: int) -> bytes:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def flip_each(folder: Path, opened, step: int) -> tuple[int, int]:
    """Flip each bit of each file of an entry (every so manieth); how many were tried, and how many not found."""
    right, tried, found_out = opened(), 0, 0
    assert right is not None
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for bit in range(0, 8 * len(whole), step):
            path.write_bytes(flipped(path, bit))
            seen = opened()
            assert seen is None or (seen == right and path.name == NOTE), (path.name, bit)
            tried, found_out = tried + 1, found_out + (seen is None)
            path.write_bytes(whole)
    assert opened() == right
    return tried, found_out


@pytest.mark.parametrize(("kind", "step"), [("images", 149), ("words", 499), ("corpora", 67)])
def test_a_flipped_bit_is_found_wherever_it_is(own_cache: Path, kind: str, step: int) -> None:
    key, opened = filled(kind)
    tried, found_out = flip_each(own_cache / kind / key, opened, step)
    assert tried == found_out > 30


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", ["images", "words", "corpora"])
def test_every_flipped_bit_is_found(own_cache: Path, kind: str) -> None:
    key, opened = filled(kind)
    tried, found_out = flip_each(own_cache / kind / key, opened, step=1)
    assert tried == found_out > 5_000


@pytest.mark.parametrize("kind", ["images", "words", "corpora"])
def test_what_is_cut_lacking_or_a_folder_is_found(own_cache: Path, kind: str) -> None:
    key, opened = filled(kind)
    right = opened()
    for path in sorted((own_cache / kind / key).iterdir()):
        whole = path.read_bytes()
        for content in (b"", whole[:-1], whole + b"\n", whole[: len(whole) // 2]):
            if content != whole:
                path.write_bytes(content)
                assert opened() is None, path.name
        path.unlink()
        assert opened() is None, path.name
        path.mkdir()
        assert opened() is None, path.name
        path.rmdir()
        path.write_bytes(whole)
    assert opened() == right


def test_an_entry_under_another_key_is_found_out(own_cache: Path) -> None:
    keep_images("key", "name", "x", PARTS, True)
    shutil.copytree(own_cache / "images" / "key", own_cache / "images" / "other")
    said: list[str] = []
    assert open_images_kept("other", "x", said.append) is None
    assert len(said) == 1
    assert "of another entry): it is made again" in said[0]
    (own_cache / "words").mkdir()
    shutil.copytree(own_cache / "images" / "key", own_cache / "words" / "key")
    assert open_words_kept("key", "x") is None


def test_a_lacking_name_is_mended_with_one_note(tmp_path: Path, own_cache: Path) -> None:
    path, said = tmp_path / "c.txt", []
    path.write_text("abcabc\r\n", encoding="utf-8")
    first = open_corpus([str(path)], HowRead(), silent)
    facts = own_cache / "corpora" / first.fingerprint / "corpus.json"
    facts.write_text(facts.read_text().replace('"notices"', '"noticed"'))
    again = open_corpus([str(path)], HowRead(), said.append)
    assert again.text(0, 9) == first.text(0, 9)
    assert [s for s in said if "damaged" in s] == [
        f"{facts.parent} in the cache is damaged (corpus.json is not as it was written): it is made again"
    ]
    said.clear()
    assert open_corpus([str(path)], HowRead(), said.append) == again
    assert said == ["turned line ends (CR or CRLF) into line feeds"]


def test_what_an_earlier_version_kept_is_made_again_or_still_taken_where_its_source_is_gone(own_cache: Path) -> None:
    keep_images("key", "name", "x", PARTS, True)
    (own_cache / "images" / "key" / entries.MANIFEST).unlink()
    said: list[str] = []
    assert open_images_kept("key", "x", said.append) is None
    assert said == []
    old = open_images_kept("key", "x", said.append, gone=True)
    assert old is not None
    assert kept_by_fingerprint(old.fingerprint, "x") is not None
    (own_cache / "images" / "key" / "pixels").write_bytes(b"\1" * 36)
    assert kept_by_fingerprint(old.fingerprint, "x", said.append) is None
    assert "it is not used" in said[0]


def test_a_text_is_read_on_where_the_cache_is_removed(own_cache: Path) -> None:
    corpus = open_corpus([], HowRead(), silent, text="abcabcabc")
    shutil.rmtree(own_cache)
    assert corpus.text(3, 6) == "abc"
    assert corpus.read(7, 99).flags.writeable, "torch warns of what isn't"
    assert corpus.text(9, 9) == ""


def test_a_text_that_becomes_shorter_is_told(own_cache: Path) -> None:
    corpus = open_corpus([], HowRead(), silent, text="abcabcabc")
    next(own_cache.rglob("ids")).write_bytes(b"\0")
    with pytest.raises(entries.DamagedError, match="shorter"):
        corpus.read(0, 9)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_the_cache_is_not_waited_for(own_cache: Path) -> None:
    keep_images("key", "name", "x", PARTS, True)
    for name in ("pixels", entries.MANIFEST):
        (own_cache / "images" / "key" / name).unlink()
        os.mkfifo(own_cache / "images" / "key" / name)
        assert open_images_kept("key", "x") is None
    with pytest.raises(OSError, match="ordinary"):
        KeptFile(own_cache / "images" / "key" / "pixels")


def test_notes_of_paths_are_bound_to_their_set(own_cache: Path, tmp_path: Path) -> None:
    for key, name in (("key", "mnist.npz"), ("other", "letters.npz")):
        keep_images(key, "name", "x", PARTS, True)
        (tmp_path / name).touch()
        remember("images", key, str(tmp_path / name))
    assert read_before("images", "mnist") == tmp_path / "mnist.npz"
    note = own_cache / "images" / "key" / NOTE
    whole = note.read_bytes()
    for bit in range(0, 8 * len(whole), 13):
        note.write_bytes(flipped(note, bit))
        assert read_before("images", "mnist") is None
        note.write_bytes(whole)
    shutil.copy(own_cache / "images" / "other" / NOTE, note)
    assert read_before("images", "mnist") is None


# What others may write to.


def looked_at(said: list[str]) -> bool:
    return open_images_kept("key", "x", said.append) is not None


@posix
@pytest.mark.parametrize("name", ["", "pixels", "labels", "images.json", entries.MANIFEST])
def test_what_others_may_write_to_is_not_believed(own_cache: Path, name: str) -> None:
    keep_images("key", "name", "x", PARTS, True)
    path, said = own_cache / "images" / "key" / name, []
    assert looked_at(said)
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    assert not looked_at(said)
    assert "others may have written" in said[0]


@posix
def test_a_folder_to_which_all_may_write_is_used_and_entries_in_it_are_ones_own(own_cache: Path) -> None:
    before = os.umask(0)
    try:
        keep_images("key", "name", "x", PARTS, True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((own_cache / "images").stat().st_mode) == 0o777
    assert looked_at([])
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o022 for path in (own_cache / "images" / "key").glob("**")}
    assert modes == {0}


class Status:
    """Owner, group and mode of a file, as a test likes them."""

    def __init__(self, owner: int, mode: int = 0o644, group: int = 12_345) -> None:
        self.st_uid, self.st_gid, self.st_mode = owner, group, mode


@posix
def test_files_of_other_users_are_believed_in_a_cache_of_theirs_alone(tmp_path: Path, monkeypatch) -> None:
    me, cache = os.geteuid(), tmp_path / "shared"
    cache.mkdir()
    other, teacher = Status(me + 1_000), Status(me + 2_000)
    monkeypatch.setenv("GENMODELS_CACHE", str(cache))
    assert is_believed(Status(me), cache)
    assert is_believed(Status(0), cache)
    assert not is_believed(other, cache)
    if me == 0:
        os.chown(cache, teacher.st_uid, -1)
        tmp_path.chmod(0o755)
        assert is_believed(teacher, cache)
        assert not is_believed(other, cache)
        cache.chmod(0o777)
        assert not is_believed(teacher, cache), "another may have put it there"
        cache.chmod(0o755)
        tmp_path.chmod(0o777)
        assert not is_believed(teacher, cache), "the folder itself may be another one"
        monkeypatch.delenv("GENMODELS_CACHE")
        tmp_path.chmod(0o755)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert not is_believed(teacher, cache), "nobody chose it"


@posix
def test_a_group_of_one_is_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_is_own_group", lambda group: group == 7)
    assert not others_may_write(Status(1, 0o664, 7))
    assert others_may_write(Status(1, 0o664, 8))
    assert others_may_write(Status(1, 0o666, 7))
    assert not others_may_write(Status(1, 0o644, 8))


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_cache_of_another_user_is_told_and_another_one_taken(tmp_path: Path, mode: int, passing: list[Path]) -> None:
    """In a process that becomes nobody: a teacher's cache is read, and what it lacks is kept at home."""
    teacher, home = tmp_path / "teacher", tmp_path / "home"
    home.mkdir()
    os.chown(home, 65_534, -1)
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    environment = {"GENMODELS_CACHE": str(teacher), "XDG_CACHE_HOME": str(home)}
    reader, writer = os.pipe()
    os.environ["GENMODELS_CACHE"] = str(teacher)
    keep_images("key", "name", "x", PARTS, True)
    teacher.chmod(mode)
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65_534)
            os.setuid(65_534)
            os.environ.update(environment)
            said: list[str] = []
            seen = open_images_kept("key", "x", said.append) is not None
            keep_images("new", "name", "x", PARTS, True, said.append)
            again = open_images_kept("new", "x") is not None
            os.write(writer, repr((seen, again, said, str(swept_root()))).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as told:
        assert told.read() == repr((
            mode == 0o755, True, [f"the cache {teacher} can't be written (Permission denied): another one is taken"],
            str(home / "genmodels" / "downloads"),
        ))  # fmt: skip


def test_a_cache_that_is_removed_again_and_again_is_told_and_one_of_this_process_taken(
    own_cache: Path, passing: list[Path]
) -> None:
    tries: list[Path] = []

    def fill(making: Making) -> None:
        tries.append(making.folder)
        making.write("a", [b"1"])
        if making.folder.is_relative_to(own_cache):
            shutil.rmtree(own_cache)

    said: list[str] = []

    def opened() -> bytes | None:
        return look("kind", "key", lambda entry: entry.array("a").tobytes())

    assert keep("kind", "key", fill, opened, said.append) == b"1"
    assert len(tries) == entries.TRIES + 1
    assert said == [f"the cache {own_cache} is removed again and again while it is written: another one is taken"]
    assert cache_folders() == [own_cache, *passing]


def test_a_cache_that_can_not_be_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceError, match="cannot write"):
        keep_images("key", "name", "x", PARTS, True)
    with pytest.raises(ResourceError, match="cannot write"):
        swept_root()


def test_a_cache_that_does_not_keep_what_is_written_is_an_error(own_cache: Path, passing: list[Path]) -> None:
    with pytest.raises(DataError, match="does not keep"):
        keep("kind", "key", lambda making: making.write("a", [b"1"]), lambda: None, silent)


def test_an_entry_gives_its_own_files_alone(own_cache: Path) -> None:
    folder = own_cache / "kind" / "key"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(b"[")
    (folder / entries.MANIFEST).write_bytes(manifest_of("kind", "key", {"../x": (1, "0")}))
    for name in ("../x", "a", ""):
        assert look("kind", "key", lambda entry, name=name: entry.open(name)) is None
    with pytest.raises(entries.DamagedError, match="no JSON"):
        Entry(folder, own_cache, None).json("a")
