"""The examples of docs/data.md run, each section's in a folder with files of its own; what it says is refused is."""

import gzip
import io
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import pytest
from PIL import Image

import genmodels
from cli.mistakes import check
from genmodels.data.images import opening
from genmodels.data.sound.sets import opening as words_opening
from homes import CORPUS, TINY_PIXELS, TINY_SPEECH, TINY_TEXT, TINY_VAE, shapes, write_set
from spoken import few_voices, sound_examples, word_examples

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
TINY = {  # what makes a training small
    "train-text": TINY_TEXT,
    "train-vae": (*TINY_VAE, "--model", "mlp", "--epochs", "1", "-q"),
    "train-pixelrnn": (*TINY_PIXELS, "--epochs", "1", "-q"),
    "train-speech": (*TINY_SPEECH, "--epochs", "1", "-q"),
    "eval-speech": ("--utterances", "2"),
}


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


def pictures(folder: Path) -> None:
    """The files that the examples on pictures and arrays name."""
    pixels, labels = shapes(12, 12, 60)
    clean = np.where(pixels > 127, 255, 0).astype(np.uint8)
    for number, (image, label) in enumerate(zip(clean, labels, strict=True)):
        name = f"{number:02d}.png"
        part = "testing" if number % 6 == 0 else "training"
        _save(folder / "classes" / "abc"[label] / name, image)
        _save(folder / "flat" / name, image)
        _save(folder / "parts" / part / "abc"[label] / name, image)
        _save(folder / "nested" / "one" / "abc"[label] / name, image)
        _save(folder / "nested" / "two" / "abc"[label] / name, image)
        _save(folder / "dark" / "abc"[label] / name, 255 - image)
        _save(folder / "mixed" / f"{number:02d}{('.png', '.jfif', '.ppm')[label]}", image)
        _save(folder / "claims" / name, image)
    pages = [Image.fromarray(image) for image in clean[:2]]
    pages[0].save(folder / "mixed" / "pages.tif", save_all=True, append_images=pages[1:])
    (folder / "claims" / "digit.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    with zipfile.ZipFile(folder / "pictures.zip", "w") as archive:
        archive.write(folder / "flat" / "00.png", "a/00.png")
    write_set(folder / "set.npz", pixels, labels, 50)
    np.savez(folder / "levels.npz", images=pixels // 16)
    np.savez(folder / "signed.npz", images=pixels / 127.5 - 1.0)
    one_hot = np.eye(3)[labels]
    np.savez(folder / "keras.npz", x_train=pixels, y_train=one_hot, x_test=pixels[:9], y_test=one_hot[:9])
    for name in ("idx/a-", "idx/b-", "data/MNIST/raw/"):
        _save_idx(f"{folder}/{name}", pixels, labels)


def _save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {".jfif": "JPEG"}.get(path.suffix)
    Image.fromarray(image).save(path, format=kind)


def _save_idx(start: str, pixels: np.ndarray, labels: np.ndarray) -> None:
    """Training images and labels whose paths begin so."""
    for kind, array in (("images-idx3", pixels), ("labels-idx1", labels.astype(np.uint8))):
        path = Path(f"{start}train-{kind}-ubyte")
        path.parent.mkdir(parents=True, exist_ok=True)
        head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
        path.write_bytes(head + array.tobytes())


def sound_files(folder: Path) -> None:
    """The files that the examples on sound files name, and a run that reads them."""
    sound_examples(folder)
    small = {"parameters": 3000, "longest": 2, "utterances": 64, "tested_utterances": 4, "epochs": 1}
    genmodels.train_speech("voices", runs=folder / "runs", progress=False, notice=lambda _: None, **small)


PREPARED: dict[str, Callable[[Path], None]] = {  # by their headings
    "Texts": texts, "Pictures and arrays": pictures, "Sound files": sound_files, "Recordings of words": word_examples,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A line of a page.

    Args:
        source: a command whose output is its standard input, or "".
        words: of the genmodels command; none where the line has no such command.
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
        if "genmodels " not in code:
            return cls(code.strip(), [], "", "")
        before, _, command = code.strip().rpartition("genmodels ")
        command, _, redirected = command.partition(" < ")
        refusal = comment.partition(" refused: ")[2]
        return cls(before.strip().removesuffix("|").strip(), shlex.split(command), redirected, refusal)


def examples(section: str) -> list[Example]:
    blocks = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return [Example.of(line) for block in blocks for line in block.splitlines()]


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


LONG = {"Recordings of words", "Sound files"}  # train several networks


@pytest.mark.parametrize(
    "section", [pytest.param(name, marks=[pytest.mark.sweep] * (name in LONG)) for name in PREPARED]
)
def test_every_example_of_a_section_does_what_the_page_says(cli, tmp_path, monkeypatch, section: str) -> None:
    render = opening.render_digits
    monkeypatch.setattr(opening, "render_digits", lambda: render(100, 20))
    monkeypatch.setitem(words_opening._KNOWN, "voices", few_voices)
    monkeypatch.setitem(sys.modules, "soundfile", None)  # as where the extra is not installed
    PREPARED[section](tmp_path)
    for example in examples(sections()[section]):
        if example.source and shutil.which(example.source.split()[0]) is None:
            continue
        with standard_input(example, tmp_path) as stream:
            if not example.words:
                continue
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
