"""What the pages say is true: commands, the CI script, the names of things."""

import importlib.util
import json
import os
import re
import shlex
from pathlib import Path

import pytest

from genmodels.data.images.digits import render_digits
from genmodels.data.sound.sets import opening
from spoken import few_voices

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Every genmodels command line in the code blocks of a page."""
    lines = [line.split("  #")[0].strip().removeprefix("$ ") for block in blocks(text) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("genmodels ")]


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_ci_runs_the_readme_s_own_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    main_job, _, tests = (b.strip() for b in blocks(README)[:3])
    assert tests in script
    shortened = main_job.replace("--minutes 3", "--minutes 0.5")
    assert shortened != main_job
    assert shortened in script


def test_every_command_in_the_pages_is_accepted_by_the_command_line(cli) -> None:
    seen = 0
    for page in pages():
        for words in commands(page.read_text(encoding="utf-8")):
            name = words[:2] if words[0] in {"runs", "find-rate"} else words[:1]
            help_text = cli(*name, "--help-all")
            assert help_text.code == 0, words
            for flag in (w.partition("=")[0] for w in words if w.startswith("--")):
                assert re.search(rf"{re.escape(flag)}\b", help_text.out) or flag == "--version", (
                    page.name,
                    words,
                )
            seen += 1
    assert seen >= 8


def small(words: list[str]) -> list[str]:
    """Flags that make a line of the tour small; the first training of a family has all epochs that later lines ask."""
    if "--resume" in words:
        return []
    more = "--compare" in words or "--init-from" in words or "--orientations" in words or "--report" in words
    return {
        "train-text": "--hidden-size 8 --embedding-size 8 --context 4 --batch-size 8 --window 64 -q --epochs "
        + ("1" if more else "20"),
        "find-rate": "--hidden-size 8 --embedding-size 8 --batch-size 8 --window 64 --steps 20",
        "train-pixelrnn": "--channels 2 --layers 1 --batch-size 20 -q --epochs 1",
        "train-reader": "--channels 2 --strips 64 --tested-strips 8 -q --epochs 1",
        "train-speech": "--parameters 3600 --longest 2 --utterances 32 --tested-utterances 4 -q --epochs 1",
        "eval-speech": "--utterances 2",
        "plot-context": "--utterances 4 --looked-at 2",
        "train-gan": "--channels 2 --batch-size 20 -q --epochs 10",
        "train-vae": "--hidden-size 8 --channels 2 --batch-size 20 -q --epochs 20",
    }.get(words[0], "").split()


@pytest.mark.sweep
def test_the_readme_s_quick_tour_runs(cli, corpus_file, tmp_path, monkeypatch) -> None:
    """The tour's own lines, with the data and the training made small."""
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    monkeypatch.setattr("genmodels.data.images.opening.render_digits", lambda: render_digits(60, 20))
    monkeypatch.setitem(opening._KNOWN, "voices", few_voices)
    (tmp_path / "corpus.txt").write_bytes(corpus_file.read_bytes() * 8)
    tour = README.partition("## A tour")[2]
    lines = commands(tour)
    assert any(words[0] == "train-text" for words in lines)
    for words in lines:
        if "--device" in words:
            words[words.index("--device") + 1] = "cpu"
        if "--minutes" in words:
            at = words.index("--minutes")
            del words[at : at + 2]
        outcome = cli(*words, *small(words))
        assert outcome.code == 0, (words, outcome.err)


def test_every_path_that_a_page_names_exists() -> None:
    found = r"\]\((?!http)([^)#]+)\)"
    named = [(page, target) for page in pages() for target in re.findall(found, page.read_text(encoding="utf-8"))]
    assert len(named) > 10
    assert [f"{page.name} links to {target}" for page, target in named if not (page.parent / target).exists()] == []


def test_the_architecture_page_names_every_module() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "src" / "genmodels").rglob("*.py"):
        if path.name != "__init__.py":
            assert path.name in text, path


def test_examples_and_benchmarks_state_command_and_figures() -> None:
    scripts = [*(ROOT / "examples").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    assert scripts
    for script in scripts:
        head = script.read_text(encoding="utf-8").split('"""')[1]
        assert f"python {script.relative_to(ROOT)}" in head, script


def test_the_results_of_the_benchmarks_are_json_lines() -> None:
    results = [*(ROOT / "benchmarks").glob("*.jsonl")]
    assert results
    for path in results:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert rows
        assert all({"benchmark", "command"} <= row.keys() for row in rows), path


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize(
    "path", sorted([*ROOT.glob("benchmarks/*.py"), *ROOT.glob("examples/*.py")]), ids=lambda p: p.name
)
def test_every_script_still_finds_what_it_imports(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(path.parent)  # as Python does when it runs a script
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_every_promise_of_security_names_tests_that_are_there() -> None:
    table = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Promised")[2].partition("## Not")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 8
    for promise, _, tested in rows:
        named = re.findall(r"test_\w+\.py", tested)
        assert named, promise
        assert [name for name in named if not list((ROOT / "tests").rglob(name))] == [], promise
    reliability = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    paths = re.findall(r"tests/[\w/]+\.py", reliability)
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []
