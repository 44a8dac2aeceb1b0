"""The README's tables are what benchmarks/readme.py makes of results.jsonl."""

import importlib.util
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


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [(0.9776, "%1", "97.8 %"), (289.8, "time", "4 min 50 s"), (43294.0, "hundreds", "43,300"), (5e-4, "power", "5e-4")],
)
def test_numbers_have_the_forms_that_cells_ask_for(script: ModuleType, value: float, form: str, shown: str) -> None:
    assert format(script.Number(value), form) == shown
