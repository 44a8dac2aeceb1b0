import os
from pathlib import Path

import pytest

from genmodels.data.leavings import HIDDEN, LEFT_BEHIND, NOT_ORDINARY, RUN, TWICE
from genmodels.data.passed_over import by_reason, recorded, told
from genmodels.data.text.finding import EMPTY, find_files
from genmodels.errors import DataError


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as people have them, seen from the folder above."""
    folder = tmp_path / "books"
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "UPPER.TXT", "notes.md", "more.md", ".hidden.txt", "deep/er/c.txt", "deep/x.py"):
        (folder / name).write_text(name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def given(*names: str, glob: str = "*.txt") -> tuple[list[str], dict[str, list[str]]]:
    found = find_files(names, glob)
    return [Path(f).as_posix() for f in found.files], {
        reason: [Path(f).as_posix() for f in files] for reason, files in by_reason(found.passed_over).items()
    }


def test_a_folder_gives_its_files_in_order_and_every_other_one_a_reason(books: Path) -> None:
    files, passed = given("books")
    assert files == ["books/UPPER.TXT", "books/a.txt", "books/b.txt", "books/deep/er/c.txt"]
    assert passed == {
        HIDDEN: ["books/.hidden.txt"], "not *.txt": ["books/deep/x.py", "books/more.md", "books/notes.md"],
    }  # fmt: skip


def test_every_file_of_a_folder_is_taken_or_named(books: Path) -> None:
    files, passed = given("books")
    named = sorted(files + [file for of_it in passed.values() for file in of_it])
    assert named == sorted(p.relative_to(books.parent).as_posix() for p in books.rglob("*") if p.is_file())


@pytest.mark.parametrize("second", ["books/a.txt", "./books/a.txt", "books/../books/a.txt", "link.txt", "hard.txt"])
def test_a_file_under_a_second_name_is_read_once(books: Path, second: str) -> None:
    Path("link.txt").symlink_to(books / "a.txt")
    os.link(books / "a.txt", "hard.txt")
    files, passed = given("books/a.txt", second)
    assert (files, passed) == (["books/a.txt"], {TWICE: [Path(second).as_posix()]})


def test_equal_files_that_are_two_files_are_both_read(books: Path) -> None:
    (books / "b.txt").write_bytes((books / "a.txt").read_bytes())
    assert given("books/a.txt", "books/b.txt") == (["books/a.txt", "books/b.txt"], {})


def test_a_folder_and_a_file_in_it_give_the_file_once(books: Path) -> None:
    files, passed = given("books/b.txt", "books")
    assert files == ["books/b.txt", "books/UPPER.TXT", "books/a.txt", "books/deep/er/c.txt"]
    assert passed[TWICE] == ["books/b.txt"]
    assert given("books", "books")[1][TWICE] == given("books")[0]


def test_standard_input_is_read_once() -> None:
    assert given("-", "-") == (["-"], {TWICE: ["-"]})


def test_a_hidden_file_that_is_named_is_read(books: Path) -> None:
    assert given("books/.hidden.txt") == (["books/.hidden.txt"], {})
    assert given("books", glob=".*.txt")[0] == ["books/.hidden.txt"], "a pattern may ask for them"


def test_a_hidden_folder_and_a_run_are_not_entered(books: Path) -> None:
    for name in (".git", "my-run"):
        (books / name).mkdir()
        (books / name / "x.txt").write_text("x", encoding="utf-8")
    (books / "my-run" / "run.json").write_text("{}", encoding="utf-8")
    files, passed = given("books")
    assert len(files) == 4
    assert passed[HIDDEN] == ["books/.git", "books/.hidden.txt"]
    assert passed[RUN] == ["books/my-run"]


def test_what_programs_leave_behind_is_no_text_unless_it_is_named(books: Path) -> None:
    for name in ("__MACOSX/z.txt", "deep/@eaDir/a.txt/meta.txt", "Thumbs.db", "Desktop.INI"):
        (books / name).parent.mkdir(parents=True, exist_ok=True)
        (books / name).write_text(name, encoding="utf-8")
    files, passed = given("books", glob="*.[ti]*")
    assert files == ["books/UPPER.TXT", "books/a.txt", "books/b.txt", "books/deep/er/c.txt"]
    assert passed[LEFT_BEHIND] == ["books/Desktop.INI", "books/Thumbs.db", "books/__MACOSX", "books/deep/@eaDir"]
    assert LEFT_BEHIND == "left behind by a program"
    assert given("books/__MACOSX", "books/Desktop.INI")[0] == ["books/__MACOSX/z.txt", "books/Desktop.INI"]


def test_linked_folders_are_followed_once_and_circles_end(books: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "far.txt").write_text("far", encoding="utf-8")
    (books / "linked").symlink_to(tmp_path / "other", target_is_directory=True)
    (books / "deep" / "circle").symlink_to(books, target_is_directory=True)
    (books / "again").symlink_to(books / "deep", target_is_directory=True)
    files, passed = given("books")
    assert files == ["books/UPPER.TXT", "books/a.txt", "books/b.txt", "books/deep/er/c.txt", "books/linked/far.txt"]
    assert passed[TWICE] == ["books/again", "books/deep/circle"]


def test_a_link_to_nothing_is_an_error_that_names_it(books: Path) -> None:
    (books / "gone.md").symlink_to("nowhere")
    assert len(given("books")[0]) == 4, "it is not meant by the pattern"
    (books / "gone.txt").symlink_to("nowhere")
    for name in ("books", "books/gone.txt"):
        with pytest.raises(DataError, match=r"books/gone\.txt is a link to nowhere, which is missing"):
            given(name)


def test_a_folder_that_cannot_be_read_is_an_error_that_names_it(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Path.iterdir

    def locked(folder: Path) -> object:
        if folder.name == "er":
            raise PermissionError(13, "Permission denied", str(folder))
        return whole(folder)

    monkeypatch.setattr(Path, "iterdir", locked)
    with pytest.raises(DataError, match=r"books/deep/er cannot be read: Permission denied"):
        given("books")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_passed_over(books: Path) -> None:
    os.mkfifo(books / "pipe.txt")
    assert given("books")[1][NOT_ORDINARY] == ["books/pipe.txt"]


def test_files_of_a_folder_that_are_called_like_something_else_are_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-", "built-in"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert given(".", glob="*")[0] == [(tmp_path / name).as_posix() for name in ("-", "built-in")]


def test_an_empty_file_is_named_unless_there_is_no_other(books: Path) -> None:
    (books / "void.txt").touch()
    assert given("books")[1][EMPTY] == ["books/void.txt"]
    assert given("books/void.txt") == (["books/void.txt"], {})


@pytest.mark.parametrize(
    ("glob", "files"),
    [
        ("*.md", ["books/more.md", "books/notes.md"]),
        ("*.MD", ["books/more.md", "books/notes.md"]),
        ("er/*.txt", ["books/deep/er/c.txt"]),
        ("deep/**/*.txt", ["books/deep/er/c.txt"]),
        ("**/*.py", ["books/deep/x.py"]),
        ("[ab].txt", ["books/a.txt", "books/b.txt"]),
        ("a.txt", ["books/a.txt"]),
    ],
)
def test_a_pattern_chooses_files_by_the_end_of_their_path(books: Path, glob: str, files: list[str]) -> None:
    assert given("books", glob=glob)[0] == files
    assert {Path(p).as_posix() for p in books.rglob(glob)} <= {str(books.parent / f) for f in files}, "as pathlib does"


@pytest.mark.parametrize("glob", ["/x/*.txt", "../*.txt", "", "a/../../*.txt"])
def test_a_pattern_that_leaves_the_folder_is_refused(books: Path, glob: str) -> None:
    with pytest.raises(DataError, match="no pattern within a folder") as caught:
        given("books", glob=glob)
    assert caught.value.hint


def test_a_folder_without_matches_says_what_it_holds(books: Path) -> None:
    with pytest.raises(DataError, match=r"no file in books matches '\*\.rst'") as caught:
        given("books", glob="*.rst")
    assert "books/.hidden.txt (hidden)" in str(caught.value.hint)
    assert "books/UPPER.TXT and 6 others (not *.rst)" in str(caught.value.hint)
    assert str(caught.value.hint).endswith(
        "such as books/UPPER.TXT, or give train-text --glob '*.txt', which takes 3 of them."
    )


def test_the_pattern_that_a_hint_names_takes_texts_that_are_there(tmp_path: Path) -> None:
    for name in ("a.md", "sub/b.md", "c.rst"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a text\n", encoding="utf-8")
    for number in range(3):  # more than there are texts of any ending
        (tmp_path / f"{number}.bin").write_bytes(b"\x80\x00\x81" * 9)
    with pytest.raises(DataError, match=r"matches '\*\.txt'") as caught:
        find_files([str(tmp_path)], "*.txt")
    assert str(caught.value.hint).endswith("--glob '*.md', which takes 2 of them.")
    assert len(find_files([str(tmp_path)], "*.md").files) == 2


@pytest.mark.parametrize(("name", "way"), [
    ("README", "such as {}."), ("a.[x]", "such as '{}', or give train-text --glob '*.[[]x]', which takes that one."),
])  # fmt: skip
def test_a_lone_text_without_a_plain_ending_can_be_named(tmp_path: Path, name: str, way: str) -> None:
    (tmp_path / name).write_text("a text\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        find_files([str(tmp_path)], "*.txt")
    assert str(caught.value.hint).endswith(way.format(tmp_path / name))
    assert len(find_files([str(tmp_path)], "*.[[]x]" if "[" in name else name).files) == 1


def test_a_folder_without_texts_is_offered_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x80\x00\x81" * 9)
    with pytest.raises(DataError) as caught:
        find_files([str(tmp_path)], "*.txt")
    assert str(caught.value.hint).endswith("; give a text file, or a folder with some in it.")


def test_what_was_passed_over_is_told_by_reason_and_recorded_up_to_a_hundred(books: Path) -> None:
    for number in range(150):
        (books / f"{number:03}.log").touch()
    passed_over = find_files(["books", "books/a.txt"], "*.txt").passed_over
    assert told(passed_over) == (
        "books/a.txt (given twice), books/.hidden.txt (hidden), books/000.log and 152 others (not *.txt)"
    )
    twice, hidden, other = recorded(passed_over)
    assert (twice["count"], hidden["files"]) == (1, ["books/.hidden.txt"])
    assert (other["reason"], other["count"], len(other["files"])) == ("not *.txt", 153, 100)
