"""train-vae and the other training commands on image sets, each made out of its family's row."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from genmodels.cli import options, training
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.families import open_run, starting
from genmodels.family import Family
from genmodels.processes import is_follower
from genmodels.training.starting import plan_of, train
from genmodels.training.together import begun_before


def command_of(family: Family) -> Callable[..., None]:
    """The training command of a family; its options are its settings."""

    def train_images(
        *,
        given: dict[str, Any],
        dataset: options.Dataset = None,
        preset: Annotated[str | None, options.preset(family.presets)] = None,
        resume: training.Resume = None,
        init_from: training.InitFrom = None,
        config: training.Config = None,
        name: training.Name = None,
        processes: training.Processes = None,
        output: Output,
    ) -> None:
        if training.is_handed_on(processes, several=False):
            return
        new: dict[str, Any] = {"preset": preset, "init_from": init_from, "config": config, "name": name}
        train_one(family, given, dataset=dataset, resume=resume, output=output, **new)

    train_images.__doc__ = family.help
    signature = inspect.signature(train_images)
    kept = [p for name, p in signature.parameters.items() if family.presets or name != "preset"]
    train_images.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return with_settings(family.settings)(with_output(*training.OPTIONS)(train_images))


def train_one(
    family: Family,
    given: dict[str, Any],
    *,
    dataset: str | None,
    preset: str | None = None,
    resume: str | None,
    init_from: str | None,
    config: Path | None,
    name: str | None,
    output: Output,
) -> None:
    """Begin a run on a set that --dataset names, or go on with one; then show what came of it."""
    reporter = training.reporter_of(family, None, output, resume)
    if resume is None and (begun := begun_before(output.runs, sys.argv[1:])):
        resume, given, preset, init_from, config, name = begun, {}, None, None, None, None
    if resume is not None:
        run = open_run(output.runs, resume, family.run, output.teller).at(dataset)
        others = {"--preset": preset, "--init-from": init_from, "--config": config, "--name": name}
        task = run.go_on(given, others, reporter.notice, accept=output.accept_changes)
    else:
        parent = None if init_from is None else open_run(output.runs, init_from, family.run, output.teller)
        run, task = starting.new_run(
            family, given, dataset=dataset, preset=preset, parent=parent, config=config, name=name, runs=output.runs,
            argv=sys.argv[1:], notice=reporter.notice, counting=output.teller.counting,
        )  # fmt: skip
    train(task, family, plan_of(run, task, task.settings), run, reporter, output.begun)
    if not is_follower():
        training.show_outcome(run, starting.outcome(family, run, task), family, output)
