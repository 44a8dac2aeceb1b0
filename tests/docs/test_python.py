"""The examples of docs/python.md and of the public names' docstrings run, and say what they show."""

import doctest
import inspect
import pathlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import genmodels
from genmodels.data.images.digits import render_digits
from genmodels.data.images.kept import keep
from genmodels.data.images.parts import Parts
from homes import PITCHES, spoken, write_wav, write_words

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
SENTENCES = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n"
SPEAKERS = ("ann", "bob")
NAMES = [name for name in genmodels.__all__ if name != "__version__"]
# Their examples make runs to ask.
MAKERS = ("train_text", "train_vae", "train_pixelrnn", "train_gan", "train_reader", "train_speech")


@pytest.fixture(scope="module")
def few_digits() -> Iterator[None]:
    """The rendered digits, but few of them."""
    patch = pytest.MonkeyPatch()
    made = render_digits(60, 20)
    patch.setattr("genmodels.data.images.opening.render_digits", lambda: made)
    yield
    patch.undo()


def furnish(folder: Path) -> None:
    """Put into a folder what the examples name."""
    (folder / "corpus.txt").write_text(SENTENCES * 80, encoding="utf-8")
    write_words(folder / "words", SPEAKERS)
    write_wav(folder / "three.wav", np.concatenate([spoken(word, 0, 99) for word in PITCHES]))


@pytest.fixture
def desk(few_digits: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text and recordings of words."""
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    return tmp_path


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)


def promises(block: str) -> dict[int, str]:
    """Line of a `print` -> what it prints, where the block says so."""
    lines = enumerate(block.splitlines(), 1)
    return {number: line.partition("# -> ")[2] for number, line in lines if "# -> " in line}


def printed_by(block: str, space: dict[str, Any]) -> dict[int, str]:
    """Run a block; line of a `print` -> what it printed there, of several times all."""
    printed: dict[int, list[str]] = {}

    def note_down(*values: object) -> None:
        caller = sys._getframe(1)
        if caller.f_code.co_filename == "an example":  # not the library, which may have been given `print`
            printed.setdefault(caller.f_lineno, []).append(" ".join(map(str, values)))

    space["print"] = note_down
    exec(compile(block, "an example", "exec"), space)
    return {number: "\n".join(texts) for number, texts in printed.items()}


@pytest.mark.sweep
def test_every_example_of_the_page_runs_and_prints_what_it_says(desk: Path) -> None:
    assert len(blocks(PAGE)) >= 10
    assert sum(len(promises(block)) for block in blocks(PAGE)) >= 5
    space: dict[str, Any] = {}
    for block in blocks(PAGE):
        printed = printed_by(block, space)
        assert {number: printed.get(number) for number in promises(block)} == promises(block), block
    assert space["digits"].shape[0] == 64
    assert (desk / "ten.png").read_bytes().startswith(b"\x89PNG")
    assert space["html"].count("<img") == 1
    assert space["told"]


def test_what_an_example_prints_is_told_line_by_line() -> None:
    block = "x = 2  # of them\nfor n in range(x):\n    print(n, 'a')  # -> 0 a\nprint(x)  # -> 2\nprint(x)  # nats\n"
    assert promises(block) == {3: "0 a", 4: "2"}
    assert printed_by(block, {}) == {3: "0 a\n1 a", 4: "2", 5: "2"}


def test_the_readme_s_ten_lines_run(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lines,) = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(lines.splitlines()) <= 10
    train, test = render_digits(60, 20)
    keep("mnist", "MNIST", "mnist", Parts(train, test, tuple("0123456789")), False)  # as if it had been fetched
    (desk / "other.txt").write_text(SENTENCES * 3, encoding="utf-8")
    space: dict[str, Any] = {}
    exec(compile(lines, "README.md", "exec"), space)
    text, facts = capsys.readouterr().out.rsplit("\n", 2)[:2]
    assert len(text) == 200
    assert "'protocol': 'carried'" in facts
    assert space["digits"].shape == (64, 28, 28)
    assert (desk / "ten.png").read_bytes().startswith(b"\x89PNG")


def example_of(name: str) -> str:
    return inspect.getdoc(getattr(genmodels, name)) or ""


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_has_an_example(name: str) -> None:
    assert ">>> " in example_of(name), f"{name}'s docstring has no example"


@pytest.fixture(scope="module")
def furnished(few_digits: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs that the examples of the training functions make."""
    folder = tmp_path_factory.mktemp("examples")
    furnish(folder)
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    for name in MAKERS:
        run_example(name)
    patch.undo()
    return folder


def run_example(name: str) -> None:
    known = {"genmodels": genmodels, "pathlib": pathlib, "torch": torch}
    parsed = doctest.DocTestParser().get_doctest(example_of(name), known, name, None, 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed, out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


LONG = {"tour"}  # takes three minutes; tests/cli/test_tour.py calls it with tiny networks


@pytest.mark.sweep
@pytest.mark.parametrize("name", [name for name in NAMES if name not in {*MAKERS, *LONG}])
def test_the_example_of_a_public_name_runs(
    furnished: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(furnished, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "copy" / "cache"))
    run_example(name)
