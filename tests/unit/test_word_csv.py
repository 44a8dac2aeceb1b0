"""Lists of recordings: columns, delimiters, encodings, parts, and rows that can't be used."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genmodels.data.passed_over import by_reason
from genmodels.data.sound.clips import WordSet
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError
from spoken import put


def listing(root: Path, *rows: str, header: str = "path,words", name: str = "list.csv", ending: str = "\n") -> Path:
    path = root / name
    path.write_bytes(ending.join([header, *rows, ""]).encode())
    return path


def opened(path: Path) -> WordSet:
    return open_words(str(path), lambda _: None)


def unused(words: WordSet) -> dict[str, list[str]]:
    assert words.taken is not None
    return by_reason(words.taken.passed_over)


def all_said(words: WordSet) -> dict[str, str]:
    """File -> what is said in it."""
    return {
        file: " ".join(words.words[w] for w in clips.said(row))
        for clips in (words.train, words.test)
        for row, file in enumerate(clips.files)
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Thirty recordings in a folder, of 125 ms."""
    return put(tmp_path / "set", "wav/x*30", seconds=0.125)


ROWS = [f"wav/x{n:02d}.wav,{'yes' if n % 2 else 'no'}" for n in range(30)]


def test_a_list_says_what_is_said(root: Path) -> None:
    words = opened(listing(root, *ROWS))
    assert all_said(words) == {f"wav/x{n:02d}.wav": "yes" if n % 2 else "no" for n in range(30)}
    assert (words.name, words.speakers, len(words.test)) == ("list", None, 3)
    assert words.taken.guesses == ["tests on every tenth recording of each word"]


def test_a_cell_may_hold_several_words(root: Path) -> None:
    rows = [f"wav/x{n:02d}.wav,{n % 3}  {(n + 1) % 3} {n % 2}" for n in range(30)]
    words = opened(listing(root, *rows))
    assert all_said(words)["wav/x04.wav"] == "one two zero"
    assert set(words.train.words.tolist()) == {0, 1, 2}


def test_recordings_too_short_for_their_words_are_passed_over(root: Path) -> None:
    rows = [f"wav/x{n:02d}.wav,{'no yes no' if n < 25 else 'no yes no yes'}" for n in range(30)]
    words = opened(listing(root, *rows))
    assert unused(words) == {
        "shorter than the words that it should hold take": [f"wav/x{n:02d}.wav" for n in range(25, 30)]
    }
    assert set(all_said(words).values()) == {"no yes no"}


def test_speakers_and_parts_have_columns(root: Path) -> None:
    rows = [f"{row},{'ann' if n < 15 else 'bob'},{'Test' if n >= 27 else 'train'}" for n, row in enumerate(ROWS)]
    words = opened(listing(root, *rows, header="File_Name,Label,Speaker ID,Split"))
    assert words.speakers == ("ann", "bob")
    assert set(words.test.files) == {"wav/x27.wav", "wav/x28.wav", "wav/x29.wav"}
    assert words.test.speakers.tolist() == [1, 1, 1]
    assert words.taken.guesses == []


def test_the_validation_part_is_passed_over_beside_a_test_part(root: Path) -> None:
    rows = [f"{row},{'test' if n >= 27 else 'dev' if n >= 25 else 'train'}" for n, row in enumerate(ROWS)]
    words = opened(listing(root, *rows, header="path,words,part"))
    assert unused(words) == {
        "of the validation part, which is neither trained nor tested on": ["wav/x25.wav", "wav/x26.wav"]
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_divides_cells_and_ends_lines_is_known(root: Path, delimiter: str, ending: str) -> None:
    rows = [row.replace(",", delimiter) for row in ROWS]
    words = opened(listing(root, *rows, header=f"path{delimiter}words", ending=ending))
    assert len(all_said(words)) == 30


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_encodings_are_known(root: Path, encoding: str) -> None:
    text = "\n".join(["path,words", *(row.replace("yes", "f\u00fcnf") for row in ROWS)])
    (root / "list.csv").write_bytes(text.encode(encoding))
    assert opened(root / "list.csv").words == ("f\u00fcnf", "no")
    (root / "list.csv").write_bytes(("sep=,\r\n" + text).encode(encoding))
    assert opened(root / "list.csv").words == ("f\u00fcnf", "no")


def test_quotes_spaces_and_the_line_that_excel_writes_are_understood(root: Path) -> None:
    rows = [f'"wav/x{n:02d}.wav" ; "yes ""no"", yes."' for n in range(30)]
    words = opened(listing(root, "path; words", *rows, header="sep=;"))
    assert set(all_said(words).values()) == {"yes no yes"}
    assert words.taken.guesses[0] == 'took the marks from the ends of words: no for "no",'


def test_paths_of_windows_are_understood(root: Path) -> None:
    assert len(all_said(opened(listing(root, *(row.replace("/", "\\") for row in ROWS))))) == 30


def test_each_row_is_used_or_named_with_the_reason(root: Path) -> None:
    odd = [
        "", "wav/gone.wav,yes", "wav/x00.wav,", ",yes", "wav/x00.wav,no", "wav/x01.wav,no", "wav,yes", "wav/x02.wav",
        "wav/\0.wav,yes".replace("\0", "\x01"),
    ]  # fmt: skip
    put(root, "wav/more.wav", "beside.wav", first=90)
    (root / "notes.txt").write_text("x")
    words = opened(listing(root, *ROWS, *odd))
    assert unused(words) == {
        "there is no such recording": ["line 33 of list.csv", "line 40 of list.csv"],
        "holds no words": ["line 34 of list.csv", "line 39 of list.csv"],
        "names no recording": ["line 35 of list.csv"],
        "given twice": ["line 36 of list.csv"],
        "given before, and otherwise": ["line 37 of list.csv"],
        "no ordinary file": ["line 38 of list.csv"],
        "not in list.csv": ["beside.wav", "wav/more.wav"],
        "no recording": ["notes.txt"],
    }
    assert len(all_said(words)) == 30


def test_rows_of_no_known_part_are_named(root: Path) -> None:
    rows = [f"{row},{['train', 'test', 'extra', ''][n % 4] if n > 20 else 'train'}" for n, row in enumerate(ROWS)]
    words = opened(listing(root, *rows, header="path,words,set"))
    assert set(unused(words)) == {"has no part", "its part is 'extra', neither train nor test"}


def test_columns_that_are_not_used_are_told(root: Path) -> None:
    rows = [f"{row},31,f" for row in ROWS]
    words = opened(listing(root, *rows, header="path,label,age,gender"))
    assert words.taken.guesses[0] == "columns of list.csv that are not used: age, gender"


def test_long_recordings_are_taken_where_several_words_are_said(tmp_path: Path) -> None:
    put(tmp_path, "x*22")
    put(tmp_path, "long.wav", "longer.wav", seconds=12)
    rows = [f"x{n:02d}.wav,yes" for n in range(22)]
    words = opened(listing(tmp_path, *rows, "long.wav,yes", "longer.wav,yes yes"))
    assert "longer.wav" in all_said(words)
    assert unused(words)["is longer than 10 s"] == ["long.wav"]


def test_a_list_elsewhere_may_name_whole_paths(root: Path, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    words = opened(listing(tmp_path / "lists", *(f"{root}/{row}" for row in ROWS)))
    assert f"{root}/wav/x07.wav" in all_said(words)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "list.csv is empty"),
        (b"\n\n", "list.csv is empty"),
        (b"path,words\n", "list.csv lists no recordings"),
        (b"path,age\nx.wav,3\n", "list.csv has no column for words; its first line holds path, age"),
        (b"x.wav,yes\ny.wav,no\n", "list.csv has no column for path and words; its first line holds x.wav, yes"),
        (b"path,words\nx.wav,f\xfcnf\n", "list.csv is not utf-8: byte 0xfc at offset 18"),
        (b"path,words\nx.wav,a\0b\n", "list.csv is no text: it has a zero byte"),
        (b"path,words\ngone.wav,yes\n", "list.csv can be used; line 2 of list.csv: there is no such recording"),
        (b'path,words\nx.wav,"' + b"y" * 200_000 + b'"\n', "list.csv is not a list of recordings: field larger than"),
    ],
)
def test_what_is_no_list_of_recordings_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        opened(tmp_path / "list.csv")
    assert what in caught.value.what
    assert caught.value.hint


def test_a_novel_is_no_set_of_words(root: Path) -> None:
    rows = [f"wav/x{n:02d}.wav,{' '.join(f'w{n}_{k}' for k in range(50))}" for n in range(30)]
    with pytest.raises(DataError, match="1,500 different words are said, more than 1,000"):
        opened(listing(root, *rows))


def test_a_changed_list_is_another_set(root: Path) -> None:
    first = opened(listing(root, *ROWS))
    second = opened(listing(root, *ROWS[:-1], "wav/x29.wav,maybe"))
    assert first.fingerprint != second.fingerprint
    assert opened(listing(root, *ROWS)).fingerprint == first.fingerprint


def test_cells_that_have_no_column_are_not_lost(root: Path) -> None:
    words = opened(listing(root, *ROWS[:28], "wav/x28.wav,yes,no", "wav/x29.wav,yes,,"))
    assert unused(words) == {"has more cells than the first line: quote what holds a comma": ["line 30 of list.csv"]}


def test_empty_lines_before_the_first_and_the_line_of_excel_count_as_lines(root: Path) -> None:
    for header in ("\n\npath,words", "sep=,\n\npath,words"):
        words = opened(listing(root, *ROWS, "gone.wav,yes", header=header))
        assert unused(words) == {"there is no such recording": ["line 34 of list.csv"]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=80), start=st.sampled_from([b"", b"path,words\n", b"path\twords\tpart\n"]))
def test_any_bytes_are_a_set_or_one_sentence(tmp_path: Path, content: bytes, start: bytes) -> None:
    (tmp_path / "list.csv").write_bytes(start + content)
    with pytest.raises(DataError):
        opened(tmp_path / "list.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=5))
def test_any_rows_beside_good_ones_are_used_or_named(tmp_path: Path, rows: list[list[str]]) -> None:
    if not (tmp_path / "set").exists():
        put(tmp_path / "set", "wav/x*30")
    with (tmp_path / "set" / "list.csv").open("w", encoding="utf-8", newline="", errors="replace") as out:
        out.write("path,words\n" + "".join(f"{row}\n" for row in ROWS))
        csv.writer(out).writerows([cell.replace("\0", "") for cell in row] for row in rows)
    words = opened(tmp_path / "set" / "list.csv")
    named = sum(len(names) for names in unused(words).values())
    assert len(all_said(words)) == 30
    assert named == sum(any(map(str.strip, (c.replace("\0", "") for c in row))) for row in rows)


def test_a_list_whose_rows_are_all_of_no_known_part_says_so(root: Path) -> None:
    with pytest.raises(DataError) as caught:
        opened(listing(root, *(f"{row},extra" for row in ROWS), header="path,words,set"))
    assert caught.value.what.endswith("of a part that is known; line 2 of list.csv: its part is 'extra', "
                                      "neither train nor test")  # fmt: skip
    assert caught.value.hint == (
        "write train or test there, or leave that column out: then some recordings are held out to test on."
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("more", [0, 9_000])
def test_a_quote_that_is_never_closed_is_found_with_its_line(root: Path, ending: str, more: int) -> None:
    rows = [*ROWS[:3], '"wav/x03.wav,yes', *ROWS[4:], *["wav/x29.wav,yes"] * more]
    with pytest.raises(DataError, match=r"list\.csv opens a quote in line 5 that is never closed"):
        opened(listing(root, *rows, ending=ending))


def test_quotes_that_are_closed_are_well(root: Path) -> None:
    rows = ['"wav/x00.wav","no"', "", '"wav/x01.wav","ye\ns"', 'wav/x02.wav,"n""o"""', *ROWS[3:]]
    assert len(all_said(opened(listing(root, *rows)))) >= 28


def test_a_word_of_which_nothing_is_held_out_is_told(root: Path) -> None:
    words = opened(listing(root, *ROWS[:29], "wav/x29.wav,once"))
    assert words.taken.guesses == [
        "tests on every tenth recording of each word", "no recording is held out of once (1 recording)"
    ]  # fmt: skip
