"""docs/course.md and the script that runs it: tiny, in its order, and not twice."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from genmodels.data.images.digits import render_digits
from genmodels.data.sound.sets import opening
from homes import write_set
from spoken import few_voices

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
DRAWN = re.findall(r"--out (\S+\.png)", PAGE)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script."""
    spec = importlib.util.spec_from_file_location("course", ROOT / "examples" / "course.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_question_has_commands_a_picture_what_to_see_and_something_to_think_about(course) -> None:
    sections = PAGE.split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == [*course.questions()]
    for section in sections:
        assert re.search(r"^!\[.+\]\(course/.+\.png\)$", section, flags=re.MULTILINE), section
        for what in ("**How long:**", "**What to see.**", "**To think about.**"):
            assert what in section, (section.splitlines()[0], what)


def test_every_picture_of_the_page_is_one_that_its_commands_draw() -> None:
    shown = re.findall(r"\(course/(.+\.png)\)", PAGE)
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(DRAWN)
    assert {path.name for path in (ROOT / "docs" / "course").iterdir()} == set(shown)


def test_data_that_were_given_reach_the_trainings_and_toys_are_short(course, tmp_path) -> None:
    data = {"text": "novel.txt", "images": None, "speech": "fsdd"}

    def of(line: str, *, toy: bool = False) -> str:
        return " ".join(course.words_of(line, data, folder=tmp_path, toy=toy))

    assert of("genmodels train-text --epochs 20 --name novel") == "train-text --epochs 20 --name novel novel.txt"
    assert of("genmodels train-speech --name a") == "train-speech --name a --dataset fsdd"
    assert of("genmodels train-vae --name a") == "train-vae --name a"
    assert "--epochs 1 --name gan" in of("genmodels train-gan --minutes 5 --name gan", toy=True)
    (tmp_path / "runs" / "novel").mkdir(parents=True)
    assert of("genmodels train-text --epochs 20 --name novel") == "train-text --resume novel"


@pytest.mark.sweep
def test_all_of_it_runs_at_toy_size_and_not_twice(course, cli, corpus_file, tmp_path, monkeypatch) -> None:
    (tmp_path / "corpus.txt").write_bytes(corpus_file.read_bytes() * 8)
    parts = render_digits(60, 20)
    pixels, labels = (np.concatenate([getattr(part, of) for part in parts]) for of in ("pixels", "labels"))
    write_set(tmp_path / "digits.npz", pixels, labels, 60)
    monkeypatch.setitem(opening._KNOWN, "voices", few_voices)
    folder, done = tmp_path / "course", []

    def run(words: list[str], where: Path) -> None:
        monkeypatch.chdir(where)
        outcome = cli(*words)
        assert outcome.code == 0, (words, outcome.err)
        done.append(words)

    monkeypatch.setattr(course, "run", run)
    given = ["--text", str(tmp_path / "corpus.txt"), "--images", str(tmp_path / "digits.npz"), "--folder", str(folder)]
    course.main([*given, "--toy"])
    lines = [line for found in course.questions().values() for line in found]
    assert len(done) == len(lines)
    assert {path.name for path in folder.glob("*.png")} == set(DRAWN)
    seconds = json.loads((folder / "seconds.json").read_text(encoding="utf-8"))
    assert list(seconds) == lines
    del seconds[lines[0]]  # it was stopped there
    (folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")
    course.main([*given, "--toy"])
    assert done[len(lines) :] == [["train-speech", "--resume", "memory"]]
