"""What a command does with its result: its options, and what goes where."""

import inspect
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from matplotlib.figure import Figure
from typer.testing import CliRunner

from genmodels.cli import options, written
from genmodels.cli.output import LOOK, Output, with_output
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.figures.style import titled_figure
from genmodels.runs import RunDir


def some_figure(title: str) -> Figure:
    return titled_figure(3.0, 2.0, title)


def exhibit(**changes: Any) -> Exhibit:
    table = Table("losses", {"epoch": "", "nll": ".2f"}, [{"epoch": 1, "nll": 1.234}])
    return Exhibit(**{"name": "loss", "title": "Loss", "facts": {"best": 1}, "tables": [table]} | changes)


def names_of(command: Callable[..., None]) -> list[str]:
    return list(inspect.signature(command).parameters)


def test_a_command_gets_its_options_in_order_after_its_own() -> None:
    @with_output("runs", "out", "csv_file", "json", "quiet", "debug")
    def command(one: int = 1, two: str = "a", *, output: Output) -> None:
        """Says what it does."""

    assert names_of(command) == ["one", "two", "runs", "out", *LOOK, "csv_file", "force", "json", "quiet", "debug"]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in inspect.signature(command).parameters.values())
    assert (command.__name__, command.__doc__) == ("command", "Says what it does.")


def test_a_page_is_a_file_that_may_be_forced_and_has_no_look_of_a_figure() -> None:
    @with_output("runs", "page", "json")
    def command(*, output: Output) -> None:
        """Makes one."""

    assert names_of(command) == ["runs", "out", "force", "json", "quiet"]


def test_an_option_that_a_command_declares_itself_keeps_its_place_among_the_others() -> None:
    given: dict[str, Any] = {}
    own = Annotated[Path | None, typer.Option(help="Of its own kind.")]

    @with_output("runs", "out", "json")
    def command(out: own = Path("mine"), one: int = 1, *, output: Output) -> None:
        given.update(out=out, one=one, output=output)

    assert names_of(command) == ["one", "runs", "out", *LOOK, "force", "json", "quiet"]
    assert inspect.signature(command).parameters["out"].annotation is own
    look = {**dict.fromkeys(LOOK), "force": False}
    command(
        one=2, out=Path("x"), runs=options.DEFAULT_RUNS, json=True, quiet=False, **look
    )  # as Typer calls it: with every option
    assert given == {"out": Path("x"), "one": 2, "output": Output(options.DEFAULT_RUNS, json=True)}


def test_settings_that_were_given_stay_last() -> None:
    @with_output("runs", "json")
    def command(*, given: dict[str, Any], name: str = "", output: Output) -> None: ...

    assert names_of(command) == ["name", "runs", "json", "quiet", "given"]


def test_the_command_line_reaches_the_output() -> None:
    seen: list[Output] = []

    @with_output("runs", "out", "csv_file", "json", "quiet", "debug")
    def command(one: int = 1, *, output: Output) -> None:
        """A command."""
        seen.append(output)

    app = typer.Typer()
    app.command()(command)
    line = ["--runs", "here", "--out", "a.png", "--csv", "a.csv", "--json", "-q", "--debug", "--one", "3"]
    assert CliRunner().invoke(app, line).exit_code == 0
    assert CliRunner().invoke(app, [], env={"GENMODELS_RUNS": "there"}).exit_code == 0
    assert seen == [Output(Path("here"), Path("a.png"), Path("a.csv"), json=True, quiet=True), Output(Path("there"))]


def test_a_figure_goes_to_the_run_or_where_it_is_told(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    inside, outside, nowhere = Output(tmp_path), Output(tmp_path, out=tmp_path / "a.svg"), Output(tmp_path)
    inside.to(run, "loss")
    outside.to(run, "loss")
    nowhere.to(None, "loss")
    assert (inside.target, outside.target) == (run.path / "figures" / "loss.png", tmp_path / "a.svg")
    assert nowhere.target == Path("loss.png")


def test_a_wrong_ending_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    wrong = Output(tmp_path, out=Path("a.gif"))
    for look in (wrong.check, lambda: wrong.to(None, "loss")):
        with pytest.raises(UsageError, match=r"a\.gif has no known ending"):
            look()
    Output(tmp_path).check()


def test_a_table_that_leads_goes_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Output(tmp_path).show(exhibit(leads="table", remarks=["mind the gap"]))
    assert capsys.readouterr() == ("epoch\tnll\n1\t1.23\n", "mind the gap\n")


def test_a_figure_that_leads_leaves_its_path_on_stdout_and_the_table_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output(tmp_path, out=tmp_path / "loss.png")
    output.to(None, "loss")
    hidden = Table("for a spreadsheet", {"secret": ""}, [{"secret": 1}], shown=False)
    apart = Table("apart", {"n": ""}, [{"n": 7}], apart=True)
    output.show(exhibit(draw=some_figure, tables=[*exhibit().tables, hidden, apart]))
    assert capsys.readouterr() == (
        f"{tmp_path / 'loss.png'}\n",
        f"epoch\tnll\n1\t1.23\n\nn\n7\nfigure: {tmp_path / 'loss.png'}\n",
    )
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_all_there_is_on_stdout_and_names_the_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Output(tmp_path, json=True).show(exhibit(remarks=["mind the gap"]))
    captured = capsys.readouterr()
    assert (json.loads(captured.out), captured.err) == ({"best": 1}, "mind the gap\n")
    output = Output(tmp_path, out=tmp_path / "loss.svg", json=True)
    output.to(None, "loss")
    output.show(exhibit(draw=some_figure))
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"best": 1, "figure": str(tmp_path / "loss.svg")}
    assert captured.err == f"figure: {tmp_path / 'loss.svg'}\n"


@pytest.mark.parametrize(("name", "kind"), [
    ("a.png", "figure"), ("a.PDF", "figure"), ("a.svg", "figure"), ("a.gif", "animation"), ("a.csv", "table"),
    ("a.npz", "numbers"), ("a.json", "everything"), ("a.html", "page"), ("a.txt", "texts"), ("a", "texts"),
])  # fmt: skip
def test_every_file_is_told_by_its_kind_and_path(name: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    written.tell(Path(name))
    assert capsys.readouterr() == ("", f"{kind}: {name}\n")


def test_a_path_alone_goes_to_a_program_and_not_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = Output(tmp_path, out=tmp_path / "loss.png", csv_file=tmp_path / "loss.csv")
    output.to(None, "loss")
    drawn = exhibit(draw=some_figure)
    output.show(drawn)
    out, err = capsys.readouterr()
    assert out == f"{output.out}\n"
    assert err.endswith(f"figure: {output.out}\ntable: {output.csv_file}\n")
    output.show(replace(drawn, leads="table"))
    out, err = capsys.readouterr()
    assert out.startswith("epoch\tnll")
    assert str(tmp_path) not in out, "what leads is the table"
    assert err.endswith(f"figure: {output.out}\ntable: {output.csv_file}\n")
    monkeypatch.setattr(written, "is_terminal", lambda _: True)
    output.show(drawn)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("as_json", [False, True])
def test_a_spreadsheet_is_written_beside_whatever_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    Output(tmp_path, csv_file=tmp_path / "loss.txt", json=as_json).show(exhibit())
    assert (tmp_path / "loss.txt").read_bytes() == b"epoch,nll\n1,1.234\n"
    with pytest.raises(UsageError, match="has no table"):
        Output(tmp_path, csv_file=tmp_path / "none.csv", json=as_json).show(exhibit(tables=[]))


def test_nothing_is_drawn_where_no_figure_was_asked_for(tmp_path: Path) -> None:
    assert Output(tmp_path).write_files(exhibit(draw=lambda: pytest.fail("drawn"))) is None


def test_a_figure_that_was_asked_for_where_there_is_nothing_to_draw_is_missed_aloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in (tmp_path / "a.png", None):
        output = Output(tmp_path, out=target)
        output.to(None, "usual")
        output.show(exhibit(leads="table"))
        told = f"note: there is nothing to draw, so {target} was not written\n" if target else ""
        assert capsys.readouterr() == ("epoch\tnll\n1\t1.23\n", told)


@pytest.mark.parametrize("look", [{"dpi": 200}, {"size": "640x480"}, {"title": "T"}, {"dpi": 200, "title": "T"}])
def test_a_look_is_refused_where_no_figure_is_written(tmp_path: Path, look: dict[str, Any]) -> None:
    output = Output(tmp_path, **look)
    named = " and ".join(f"--{name}" for name in look)
    for files in ((), (None, None), (Path("a.txt"),), (Path("a.npz"), None)):
        with pytest.raises(UsageError, match=f"^{named} can't be followed, as no figure is written"):
            output.check_drawn(*files)
    with pytest.raises(UsageError, match="no figure is written"):
        output.show(exhibit(draw=some_figure))
    output.check_drawn(Path("a.PNG"))
    output.check_drawn(None, Path("a.gif"))
    Output(tmp_path).check_drawn()


def test_what_is_told_goes_to_stderr_and_quiet_or_json_hides_progress(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 6_000, 20))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    lines = {}
    for output in (Output(tmp_path), Output(tmp_path, quiet=True), Output(tmp_path, json=True)):
        output.teller.notice("something")
        with output.teller.counting("reading", 4) as advance:
            advance(2)
        out, err = capsys.readouterr()
        assert out == ""
        lines[output.quiet, output.json] = err.splitlines()
    assert lines[False, False] == ["note: something", "reading: 50%  ETA 20 s"]
    assert lines[True, False] == lines[False, True] == ["note: something"]


def test_a_command_that_computes_does_so_with_the_threads_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    seen: list[tuple[int, str]] = []

    @with_output("runs", "computing", "debug")
    def command(*, output: Output) -> None:
        seen.append((torch.get_num_threads(), os.environ.get("OPENBLAS_NUM_THREADS", "")))
        if output.quiet:
            raise KeyboardInterrupt

    assert names_of(command) == ["runs", "quiet", "threads", "debug"]
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    command(runs=Path("runs"), quiet=False, threads=before + 1, debug=False)
    with pytest.raises(KeyboardInterrupt):
        command(runs=Path("runs"), quiet=True, threads=before + 2, debug=False)
    command(runs=Path("runs"), quiet=False, threads=None, debug=False)
    assert seen == [(before + 1, str(before + 1)), (before + 2, str(before + 2)), (before, "")]
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_a_folder_that_was_made_for_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @with_output("runs", "out", "csv_file")
    def command(*, output: Output) -> None:
        output.to(None, "loss")
        output.show(exhibit(draw=some_figure))

    look, folder = dict.fromkeys((*LOOK, "force")), tmp_path / "nodir"
    command(runs=options.DEFAULT_RUNS, out=folder / "x.png", csv_file=tmp_path / "x.csv", **look)
    assert capsys.readouterr().err.count(f"note: made the folder {folder}\n") == 1
    command(runs=options.DEFAULT_RUNS, out=folder / "x.png", csv_file=folder / "x.csv", **look)
    assert "made the folder" not in capsys.readouterr().err


def test_a_file_of_the_users_that_is_replaced_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @with_output("runs", "out", "csv_file")
    def command(*, output: Output) -> None:
        output.to(None, "loss")
        output.show(exhibit(draw=some_figure))

    look, figure, table = {**dict.fromkeys(LOOK), "force": False}, tmp_path / "x.png", tmp_path / "x.csv"
    command(runs=options.DEFAULT_RUNS, out=figure, csv_file=None, **look)
    assert "replaced" not in capsys.readouterr().err, "nothing was there"
    table.write_bytes(b"of the user's own")
    with pytest.raises(UsageError, match="is there already, and is not known to be"):
        command(runs=options.DEFAULT_RUNS, out=figure, csv_file=table, **look)
    assert table.read_bytes() == b"of the user's own"
    command(runs=options.DEFAULT_RUNS, out=figure, csv_file=table, **look | {"force": True})
    told = capsys.readouterr().err
    assert [told.count(f"note: replaced {file}, which was there\n") for file in (figure, table)] == [1, 1]
    with pytest.raises(UsageError):
        command(runs=options.DEFAULT_RUNS, out=figure.with_suffix(".xyz"), csv_file=table, **look)
    assert "replaced" not in capsys.readouterr().err, "nothing was written"
