"""benchmarks/gpu.py, on a CPU with tiny networks: it needs a GPU to say anything, but none to run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def lines_of(*arguments: str) -> list[dict[str, object]]:
    command = [sys.executable, str(SCRIPT), "--device", "cpu", "--small", "--seconds", "0.05", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "family",
    ["text", *(pytest.param(name, marks=pytest.mark.sweep) for name in ("vae", "pixelrnn", "gan", "reader", "speech"))],
)
def test_every_family_is_tried(family: str) -> None:
    device, *rows = lines_of("--only", family, "--part", "speed", "check")
    assert device["name"] == "cpu"
    speeds, checks = ([row for row in rows if row["part"] == part] for part in ("speed", "check"))
    assert [row["model"] for row in speeds] == [row["model"] for row in checks]
    assert all(float(str(row["gigaflop_per_second"])) > 0 for row in speeds)
    assert all(row["same_twice"] and row["same_resumed"] and row["same_as_written"] for row in checks)
    assert all(row["score"] == row["begun_on_cpu"] == row["ended_on_cpu"] for row in checks)


def test_memory_that_hardly_suffices_is_tried() -> None:
    _, *rows = lines_of("--part", "memory")
    assert [row["case"] for row in rows] == ["as written", "half of that", "hardly more, as written", "hardly more"]
    assert {row["told"] for row in rows} == {rows[0]["told"]}, "a CPU has no limit, and trains each time alike"
    assert str(rows[0]["told"]).startswith("trained ")


@pytest.mark.sweep
@pytest.mark.parametrize("family", ["text", "vae", "pixelrnn", "gan", "reader", "speech"])
def test_other_settings_clocks_rates_and_several_processes_are_tried(family: str) -> None:
    _, *rows = lines_of("--only", family, "--part", "variant", "minutes", "rate", "shared")
    assert {str(row["part"]) for row in rows} == {"check", "minutes", "rate", "shared"}
    assert all(row["same_twice"] and row["same_resumed"] for row in rows if row["part"] == "check")
    (timed,) = (row for row in rows if row["part"] == "minutes")
    assert int(str(timed["steps"])) > 0
    assert int(str(timed["steps_more"])) > 0
    (shared,) = (row for row in rows if row["part"] == "shared")
    assert shared["gloo_2"] == pytest.approx(shared["alone"], rel=0.2)
