"""The README's tables are what benchmarks/readme.py makes of results.jsonl."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_tables", ROOT / "benchmarks" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its module
    spec.loader.exec_module(module)
    return module


def test_every_measured_table_is_drawn_from_the_results(script: ModuleType) -> None:
    lines = script.named_lines()
    drawn = [table.drawn(lines) for table in script.TABLES]
    assert [table for table in drawn if table not in README] == []
    measured = README.partition("## Measured")[2].partition("\n## ")[0]
    assert sum(line.startswith("|---") for line in measured.splitlines()) == len(drawn), "no table is written by hand"


def test_every_named_line_is_shown(script: ModuleType) -> None:
    cells = " ".join(cell for table in script.TABLES for row in table.rows for cell in row)
    assert [name for name in script.named_lines() if f"{{{name}[" not in cells] == []


def test_every_named_line_says_at_which_commit_it_was_measured_or_in_which_it_was_recorded(script: ModuleType) -> None:
    lines = script.named_lines()
    assert [name for name, line in lines.items() if len(script.ORIGINS.keys() & line.keys()) != 1] == []
    commits = [str(line[key]) for line in lines.values() for key in script.ORIGINS if key in line]
    assert [commit for commit in commits if not re.fullmatch("[0-9a-f]{8}|not found", commit)] == []


def test_every_table_says_of_which_commits_it_is(script: ModuleType) -> None:
    lines, above = script.named_lines(), README.partition("## Measured")[2]
    for table in script.TABLES:
        before, _, above = above.partition(table.drawn(lines))
        if not table.of_several:
            assert table.origin(lines) in before, "words above the table"
        else:
            assert all(word in " ".join(before.split()) for word in script.ORIGINS.values()), (
                "what its last column means"
            )


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [(0.9776, "%1", "97.8 %"), (289.8, "time", "4 min 50 s"), (43294.0, "hundreds", "43,300"), (5e-4, "power", "5e-4")],
)
def test_numbers_have_the_forms_that_cells_ask_for(script: ModuleType, value: float, form: str, shown: str) -> None:
    assert format(script.Number(value), form) == shown
