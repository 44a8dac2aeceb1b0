"""The examples of docs/data.md run, each section's in a folder with files of its own; what it says is refused is."""

import gzip
import io
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from cli.mistakes import check
from homes import CORPUS, TINY_TEXT

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
TINY = {"train-text": TINY_TEXT}  # what makes a training small


def texts(folder: Path) -> None:
    """The files that the examples on texts name."""
    (folder / "books").mkdir()
    for name in ("books/1.txt", "books/2.txt", "books/.hidden.txt", "books/a.md", "more.txt", "corpus.txt"):
        (folder / name).write_text(CORPUS, encoding="utf-8")
    (folder / "other.txt").write_text(CORPUS + "Zwölf!", encoding="utf-8")
    (folder / "latin.txt").write_text("caf\xe9 noir, " * 99, encoding="latin-1")
    (folder / "wide.txt").write_text("a" + CORPUS, encoding="utf-16-le")
    (folder / "thai.txt").write_text("สวัสดีชาวโลกทุกคน\nวันนี้อากาศดี\n" * 80, encoding="utf-8")
    (folder / "book.txt.gz").write_bytes(gzip.compress(CORPUS.encode()))
    with zipfile.ZipFile(folder / "letter.docx", "w") as letter:
        letter.writestr("word/document.xml", "<w:document/>")


PREPARED: dict[str, Callable[[Path], None]] = {"Texts": texts}  # by the section's heading


@dataclass(frozen=True)
class Example:
    """A line of a page.

    Args:
        source: a command whose output is its standard input, or "".
        words: of the genmodels command.
        redirected: a file that is its standard input, or "".
        refusal: what is answered, or "" where it works.
    """

    source: str
    words: list[str]
    redirected: str
    refusal: str

    @classmethod
    def of(cls, line: str) -> "Example":
        code, _, comment = line.partition("  #")
        before, _, command = code.strip().rpartition("genmodels ")
        command, _, redirected = command.partition(" < ")
        refusal = comment.partition(" refused: ")[2]
        return cls(before.strip().removesuffix("|").strip(), shlex.split(command), redirected, refusal)


def examples(section: str) -> list[Example]:
    blocks = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return [Example.of(line) for block in blocks for line in block.splitlines() if "genmodels " in line]


def sections() -> dict[str, str]:
    return {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}


def standard_input(example: Example, folder: Path) -> TextIO:
    """What stands for sys.stdin."""
    if example.redirected:
        return (folder / example.redirected).open(encoding="utf-8")
    made = b""
    if example.source:
        made = subprocess.run(example.source, shell=True, cwd=folder, capture_output=True, check=True).stdout
    return io.TextIOWrapper(io.BytesIO(made))


def test_every_section_has_files_prepared_and_examples() -> None:
    assert list(sections()) == list(PREPARED)
    for name, section in sections().items():
        assert len(examples(section)) >= 5, name
        assert any(example.refusal for example in examples(section)), name


@pytest.mark.parametrize("section", PREPARED)
def test_every_example_of_a_section_does_what_the_page_says(cli, tmp_path, monkeypatch, section: str) -> None:
    PREPARED[section](tmp_path)
    for example in examples(sections()[section]):
        if example.source and shutil.which(example.source.split()[0]) is None:
            continue
        with standard_input(example, tmp_path) as stream:
            monkeypatch.setattr("sys.stdin", stream)
            outcome = cli(*example.words, *TINY.get(example.words[0], ()))
        if example.refusal:
            check(outcome, outcome.code or 3, example.refusal)
        else:
            assert outcome.code == 0, (example, outcome.err)


def test_a_line_is_taken_apart() -> None:
    piped = Example.of("gunzip -c a.gz | genmodels train-text - --glob '*.md'  # a comment")
    assert piped == Example("gunzip -c a.gz", ["train-text", "-", "--glob", "*.md"], "", "")
    refused = Example.of("genmodels train-text < a.txt    # refused: a file waits")
    assert refused == Example("", ["train-text"], "a.txt", "a file waits")
