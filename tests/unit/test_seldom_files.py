"""What seldom happens to files and their folders: each branch of what writes and reads them, by a real case."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from genmodels.cli.console import show_error
from genmodels.data import cache, downloads, read_before
from genmodels.data.cache import cache_folder, others_may_write
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.durable import _rename_over, put_back
from genmodels.errors import GenmodelsError, ResourceError
from genmodels.leftovers import sweep_temporaries
from genmodels.ordinary import is_handed
from genmodels.pages.inlined import Inlined, data_uri, page_json, plain, policy, script, style
from genmodels.printable import beginning
from genmodels.spreadsheets import cell_of, text_of

UNWRITABLE = Path("/sys/genmodels")  # where nobody makes a folder, not even root
nobody_writes_there = pytest.mark.skipif(sys.platform != "linux", reason="needs /sys")
posix = pytest.mark.skipif(sys.platform == "win32", reason="there modes mean nothing")


def test_who_has_no_home_folder_is_told_how_to_name_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GENMODELS_CACHE", "HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54_321, raising=False)  # whom the system does not know
    with pytest.raises(ResourceError, match="no home folder for the cache") as told:
        cache_folder()
    assert "GENMODELS_CACHE" in str(told.value.hint)


def of_group(group: int, mode: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, os.getuid(), group, 0, 0, 0, 0))


@posix
def test_a_group_of_which_one_is_the_only_member_is_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    me = pwd.getpwuid(os.geteuid())
    mine = next((group for group in grp.getgrall() if group.gr_name == me.pw_name and not group.gr_mem), None)
    theirs = next(group.gr_gid for group in grp.getgrall() if group.gr_name != me.pw_name)
    assert not others_may_write(of_group(theirs, 0o755))
    assert others_may_write(of_group(theirs, 0o775))
    assert others_may_write(of_group(54_321, 0o775))  # which has no name
    if mine is not None:
        assert not others_may_write(of_group(mine.gr_gid, 0o775))
        assert others_may_write(of_group(mine.gr_gid, 0o777))


@nobody_writes_there
def test_a_cache_that_can_not_be_written_is_told_and_another_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(UNWRITABLE))
    monkeypatch.setattr(cache, "_passing", [tmp_path / "own"])
    said: list[str] = []
    corpus = open_corpus([], HowRead(), said.append, text="the cat")
    assert corpus.text(0, 7) == "the cat"
    assert len(said) == 1
    assert said[0].startswith(f"the cache {UNWRITABLE} can't be written (")
    assert downloads.swept_root() == tmp_path / "own" / "downloads"
    read_before.remember("corpora", corpus.fingerprint, "a/path")
    assert (tmp_path / "own" / "corpora" / corpus.fingerprint / read_before.NOTE).is_file()
    read_before.remember("corpora", "another", "a/path")
    assert not (tmp_path / "own" / "corpora" / "another").exists()
    monkeypatch.setattr(cache, "_passing", [UNWRITABLE])
    with pytest.raises(ResourceError, match="no cache folder can be written"):
        downloads.swept_root()


def full(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "content").write_text(name)
    return folder / name


def test_a_folder_that_was_moved_aside_gets_its_name_back(tmp_path: Path) -> None:
    target = tmp_path / "export"
    (tmp_path / ".old-export~0").symlink_to(full(tmp_path, "theirs"))
    put_back(target)
    assert not target.exists()  # no link is put into its place
    aside = full(tmp_path, ".old-export~1")
    put_back(target)
    assert (target / "content").read_text() == aside.name
    assert not aside.exists()


def test_what_was_moved_aside_goes_where_another_has_its_name(tmp_path: Path) -> None:
    full(tmp_path, "export")
    aside = full(tmp_path, ".old-export~1")
    sweep_temporaries(tmp_path)
    assert not aside.exists()
    assert (tmp_path / "export" / "content").read_text() == "export"


def test_of_two_that_give_a_folder_its_name_back_the_second_finds_it_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def raced(self: Path, target: Path) -> Path:
        rename(self, target)  # by another process, a moment before
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", raced)
        for number, mend in enumerate((sweep_temporaries, lambda folder: put_back(folder / "export"))):
            folder = tmp_path / str(number)
            folder.mkdir()
            full(folder, ".old-export~1")
            mend(folder)
            assert [path.name for path in folder.iterdir()] == ["export"]


def test_a_folder_that_can_not_get_its_name_back_is_told_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = full(tmp_path, ".old-export~1")

    def failing(*_: object) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output error"):
        sweep_temporaries(tmp_path)
    assert (aside / "content").exists()


def test_of_two_that_publish_one_folder_the_second_leaves_nothing(tmp_path: Path) -> None:
    target, temporary = full(tmp_path, "export"), full(tmp_path, ".tmp-export")
    _rename_over(temporary, target)
    assert (target / "content").read_text() == "export"
    assert not temporary.exists()
    with pytest.raises(FileNotFoundError):
        _rename_over(temporary, tmp_path / "another")


@posix
def test_a_descriptor_that_is_closed_is_no_pipe_that_was_handed() -> None:
    assert not is_handed(Path("/dev/fd/987654"))


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(GenmodelsError("it is so", None))
    assert capsys.readouterr().err == "error: it is so\n"


# -- what goes into pages and spreadsheets ----------------------------------------------------------------------------


def test_what_a_page_holds_of_a_value_ends_no_script_and_hides_nothing() -> None:
    value = {"b": b"\0", 1: ("\x1b[2J", 1.5, float("inf")), "none": None, "yes": True, "text": "</script><!--\u2028&"}
    found = page_json(value)
    assert found == (
        '{"b":"AA==","1":["\\\\x1b[2J",1.5,null],"none":null,"yes":true,'
        '"text":"\\u003c/script\\u003e\\u003c!--\\\\u2028\\u0026"}'
    )
    with pytest.raises(TypeError, match="set has no place in a page"):
        plain({"a": {1}})


def test_a_page_runs_what_it_was_made_with_and_asks_nobody() -> None:
    assert Inlined("").source == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"  # of nothing, as in RFC 6234
    told = policy([script("words"), Inlined("")], [style(["red", "blue"])])
    assert told.startswith("default-src 'none'; script-src 'sha256-")
    assert told.endswith("img-src data:; media-src data:; base-uri 'none'; form-action 'none'")
    assert style(["red", "blue"]).text.endswith(".run-0 { --kind: red; }\n.run-1 { --kind: blue; }\n")
    assert data_uri("image/png", b"\0") == "data:image/png;base64,AA=="


def test_a_text_that_is_cut_says_so() -> None:
    assert (beginning("seven", 5), beginning("seven zero three", 10)) == ("seven", "seven zer…")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("-1.5", "-1.5"),
        ("-1e3", "-1e3"),
        ("-x", "'-x"),
        ("- 1", "'- 1"),
        ("-1 ", "'-1 "),
        ("'=1", "''=1"),
        (-1.5, -1.5),
    ],
)
def test_a_number_is_no_formula_and_every_text_can_be_had_back(value: object, cell: object) -> None:
    assert cell_of(value) == cell
    if isinstance(cell, str):
        assert text_of(cell) == value
