"""What a command wrote it writes again; what somebody else wrote, or changed, stays unless --force."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from genmodels.marks import FORMS
from made_runs import made_comparison, made_run

WRITING = (  # a command, the file that it writes
    ("plot-curve --run a", "runs/a/figures/curve.png"),
    pytest.param("plot-curve --run a --out new/c.svg", "new/c.svg", marks=pytest.mark.sweep),
    pytest.param("plot-curve --run a --out c.png --csv c.csv", "c.csv", marks=pytest.mark.sweep),
    pytest.param("plot-curve --run a --run b", "runs/a/figures/curve-with-b.png", marks=pytest.mark.sweep),
    pytest.param("report --run a", "runs/a/report.html", marks=pytest.mark.sweep),
    pytest.param("report --run a --out page.html", "page.html", marks=pytest.mark.sweep),
    ("runs list --csv list.csv", "list.csv"),
    pytest.param("runs compare a b --out both.pdf", "both.pdf", marks=pytest.mark.sweep),
    ("runs export a --to csv", "runs/a/exports/history.csv"),
    ("runs export a --to csv --out h.csv", "h.csv"),
)


@pytest.fixture
def two(root: Path, cli) -> Path:
    for name in "ab":
        made_run(root, name)
    return root


@pytest.mark.parametrize(("line", "file"), WRITING)
def test_it_is_written_again_unless_somebody_changed_it(
    cli, two: Path, line: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cache in ("one", "two"):
        if Path(file).suffix in FORMS:  # such a file says itself whose it is
            monkeypatch.setenv("GENMODELS_CACHE", str(two / cache))
        outcome = cli(*line.split())
        assert outcome.code == 0, outcome.err
    Path(file).write_bytes(b"mine")
    outcome = cli(*line.split())
    if file.startswith("runs/"):  # in a run's own folders all is this program's, wherever the run is moved to
        assert (outcome.code, Path(file).read_bytes() != b"mine") == (0, True), outcome.err
        return
    assert (outcome.code, outcome.out, Path(file).read_bytes()) == (2, "", b"mine")
    told = " ".join(outcome.err.split())
    assert f"{file} is there already, and is not known to be what genmodels wrote there" in told
    assert "hint: choose another name, or --force to replace it." in told
    assert cli(*line.split(), "--force").code == 0
    assert cli(*line.split()).code == 0, "it is known from then on"
    assert Path(file).read_bytes() != b"mine"


def test_a_renamed_run_s_figures_are_still_drawn_anew(cli, two: Path) -> None:
    assert cli("plot-curve", "--run", "a").code == 0
    assert cli("runs", "rename", "a", "c").code == 0
    assert cli("plot-curve", "--run", "c").code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither such links nor such modes")
def test_links_pipes_and_modes_of_what_the_user_names(cli, two: Path, tmp_path: Path) -> None:
    line = ("runs", "list", "--csv")
    Path("mine.csv").write_bytes(b"mine")
    Path("link.csv").symlink_to("mine.csv")
    Path("lost.csv").symlink_to("nowhere")
    assert cli(*line, "link.csv").code == 2
    assert Path("mine.csv").read_bytes() == b"mine"
    lost = cli(*line, "lost.csv")
    assert (lost.code, os.path.lexists("nowhere")) == (2, False)
    assert "lost.csv is a link that leads nowhere" in lost.err
    Path("mine.csv").chmod(0o600)
    forced = cli(*line, "link.csv", "--force")
    assert "link.csv is a link: replaced" in forced.err
    assert (Path("link.csv").is_symlink(), stat.S_IMODE(Path("mine.csv").stat().st_mode)) == (True, 0o600)
    assert cli(*line, "/dev/null").code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    (two / "a" / "figures").symlink_to(tmp_path)
    refused = cli("plot-curve", "--run", "a")
    assert refused.code == 5
    assert "it is a link, and nothing is written through or over it" in " ".join(refused.err.split())


@pytest.mark.sweep
@pytest.mark.skipif(sys.platform != "linux", reason="a shell with >(...) and /dev/stdout")
def test_standard_output_and_a_shell_s_own_pipe_are_written_into(cli, two: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m genmodels runs list --csv"
    script = f"{command} /dev/stdout --json >> all.txt; {command} >(cat > piped.csv) > /dev/null; wait; sleep 0.2"
    Path("all.txt").write_text("before\n")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table = Path("piped.csv").read_text()
    assert table.startswith("run,")
    assert Path("all.txt").read_text().startswith(f"before\n{table}")


def test_names_that_a_spreadsheet_would_run_are_texts_in_every_table(cli, root: Path) -> None:
    made_run(root, "+1+2", data="=cmd()")
    made_comparison(root, "cells", ["a", "b"], [[3.0], [2.0]])
    assert cli("runs", "list", "--csv", "list.csv").code == 0
    cells = Path("list.csv").read_text().replace("\n", ",").split(",")
    assert "'+1+2" in cells
    assert [cell for cell in cells if cell[:1] in "=+@" and cell] == []
    assert cli("runs", "rename", "cells", "+cells").code == 0
    assert "'+cells/a" in (root / "+cells" / "comparison.csv").read_text()
    assert cli("runs", "rename", "+cells", "again").code == 0
    assert ",again/a" in (root / "again" / "comparison.csv").read_text()
