"""runs list, runs show and runs verify."""

import sys
from typing import Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.tables import duration, short, show_table
from genmodels.durable import to_json
from genmodels.errors import RunError
from genmodels.registry import FAMILIES
from genmodels.runs import RunDir, find_run, list_runs
from genmodels.runs.run_dir import HELD_OUT
from genmodels.runs.verifying import checkpoints_of, problems_of

RunArgument = Annotated[str | None, typer.Argument(help="A run's name or path.", show_default="the newest")]


def build(markup: str | None) -> typer.Typer:
    """The `runs` group."""
    app = typer.Typer(
        help="Find, show and check what was trained.",
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
    )
    app.command("list")(list_all)
    app.command("show")(show)
    app.command("verify")(verify)
    return app


def _summary(run: RunDir) -> dict[str, Any]:
    """A run in a few facts; a damaged one is named as such."""
    try:
        document = run.document()
        evaluated = run.evaluations()
        family = FAMILIES.get(document["family"])
        plan = document.get("plan") or {}
        step = int((run.pointer("last") or "step-0").partition("-")[2])
    except RunError as error:
        return {"run": run.name, "state": "damaged", "problem": error.what}
    total = plan.get("total_steps")
    evaluated_step = evaluated[-1]["step"] if evaluated else None
    held_out = [r for r in evaluated if r["split"] in HELD_OUT]
    scores = [r[family.score] for r in held_out if family and family.score in r and r["epoch"] > 0]
    return {
        "run": run.name,
        "family": document["family"],
        "model": document["settings"].get("model", {}).get("value"),
        "created_at": document["created_at"],
        "state": "finished" if total is not None and evaluated_step == total else "unfinished",
        "epochs": evaluated[-1]["epoch"] if evaluated else 0,
        "step": step,
        "total_steps": total,
        "best": family.best(scores) if family and scores else None,
        "seconds": evaluated[-1].get("seconds", 0) if evaluated else 0,
        "data": document["data"].get("sources"),
    }


def list_all(runs: options.Runs = DEFAULT_RUNS, json: options.Json = False, debug: options.Debug = False) -> None:
    """List the runs, oldest first.

    Examples:

      genmodels runs list

      genmodels runs list --runs /elsewhere --json
    """
    del debug
    found = [_summary(run) for run in list_runs(runs)]
    if json:
        write_result(to_json({"runs": found}).decode().rstrip())
        return
    if not found:
        say(f"there is no run in {runs}; genmodels train-text makes one")
        return
    headings = ["run", "model", "state", "epochs", "best", "time"]
    show_table(str(runs), headings, [_row(facts) for facts in found], sys.stdout)


def _row(facts: dict[str, Any]) -> list[str]:
    if facts["state"] == "damaged":
        return [facts["run"], "-", "damaged", "-", "-", "-"]
    best = "-" if facts["best"] is None else short(facts["best"])
    return [
        facts["run"],
        str(facts["model"]),
        facts["state"],
        str(facts["epochs"]),
        best,
        duration(facts["seconds"]),
    ]


def show(
    run: RunArgument = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Show a run: its state, settings, epochs and validation figures.

    Examples:

      genmodels runs show

      genmodels runs show text-20261122-214500-3f2a --json
    """
    del debug
    found = find_run(runs, run)
    document, summary = found.document(), _summary(found)
    evaluated = found.evaluations()
    if json:
        result = summary | {"kept_epochs": found.epochs(), "evaluations": evaluated, "run.json": document}
        write_result(to_json(result).decode().rstrip())
        return
    facts = {k: _short(v) for k, v in summary.items() if k not in {"seconds", "data"}}
    facts |= {"time": duration(summary["seconds"]), "data": ", ".join(document["data"].get("sources", []))}
    show_table(str(found.path), ["what", "value"], [[k, str(v)] for k, v in facts.items()], sys.stdout)
    settings = [[name, str(e["value"]), e["from"]] for name, e in document["settings"].items()]
    show_table("settings", ["setting", "value", "from"], settings, sys.stdout)
    if evaluated:
        headings = [k for k in evaluated[-1] if k != "split" or len({r["split"] for r in evaluated}) > 1]
        rows = [[_short(r.get(h)) for h in headings] for r in evaluated]
        show_table("evaluations", headings, rows, sys.stdout)
    if summary["state"] == "unfinished" and document["family"] in FAMILIES:
        command = FAMILIES[document["family"]].train_command
        say(f"next: genmodels {command} --resume {found.quoted}")


def _short(value: Any) -> str:
    return short(value) if isinstance(value, float) else "-" if value is None else str(value)


def verify(
    run: RunArgument = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Check every byte of a run's checkpoints against their SHA-256 sums; exit 4 names the damaged ones.

    Examples:

      genmodels runs verify

      genmodels runs verify text-20261122-214500-3f2a --json
    """
    del debug
    found = find_run(runs, run)
    problems = problems_of(found)
    checked = sorted(p.name for p in checkpoints_of(found))
    if json:
        write_result(to_json({"run": str(found.path), "checked": checked, "problems": problems}).decode().rstrip())
    else:
        for name in [*checked, *(name for name in problems if name not in checked)]:
            write_result(f"{name}\t{problems.get(name, 'whole')}")
    if problems:
        raise RunError(
            f"{found.path} is damaged: {', '.join(problems)}",
            "what is whole can be used: --epochs reads another epoch, --resume takes the newest whole training state.",
        )
