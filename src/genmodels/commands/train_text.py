"""train-text: new runs, resumed runs, runs that start from the weights of another, models side by side."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.cli.standard_input import named_to_read
from genmodels.errors import UsageError
from genmodels.families import open_run
from genmodels.families.text import TEXT, TextRun, starting
from genmodels.families.text.comparing import FAR, TextComparison
from genmodels.families.text.scoring import PROTOCOLS
from genmodels.processes import is_follower
from genmodels.settings.text import TextSettings
from genmodels.training.starting import plan_of, train
from genmodels.training.together import begun_before

Compare = Annotated[
    str | None,
    typer.Option(
        help="Train several models of equal size alike, such as feedforward,rnn,gru,lstm, and compare them; --minutes "
        "is the time of each.",
        show_default="off",
        rich_help_panel="Run",
    ),
]


@with_settings(TextSettings)
@with_output(*training.OPTIONS)
def train_text(
    *,
    given: dict[str, Any],
    corpus: options.Corpus = None,
    glob: options.Glob = options.ANY_TEXT,
    resume: training.Resume = None,
    init_from: training.InitFrom = None,
    compare: Compare = None,
    config: training.Config = None,
    name: training.Name = None,
    processes: training.Processes = None,
    output: Output,
) -> None:
    """Train a character-level language model on a text.

    Examples:

      genmodels train-text                                    (the built-in corpus)

      genmodels train-text corpus.txt --minutes 3

      genmodels train-text book.txt --model gru --hidden-size 512 --device cuda

      genmodels train-text --resume last          (a run or a comparison)

      genmodels train-text corpus.txt --compare feedforward,rnn,gru,lstm --minutes 2
    """
    several = training.means_several(compare, resume, TEXT, output)
    if training.is_handed_on(processes, several, corpus):
        return
    sources, new = named_to_read(corpus), {"config": config, "name": name, "glob": glob}
    if several:
        _compare(compare, init_from, output, corpus=sources, given=given, resume=resume, **new)
    else:
        _train_one(given, sources, resume, init_from, output, **new)


def _train_one(
    given: dict[str, Any], sources: Sequence[str], resume: str | None, init_from: str | None, output: Output, *,
    config: Any, name: Any, glob: Any,
) -> None:  # fmt: skip
    """Begin a run or go on with one, and show what came of it; arguments as those of the command."""
    reporter = training.reporter_of(TEXT, None, output, resume)
    if resume is None and (begun := begun_before(output.runs, sys.argv[1:])):
        resume, given, init_from, config, name, glob = begun, {}, None, None, None, options.ANY_TEXT
    if resume is not None:
        run = open_run(output.runs, resume, TextRun, output.teller)
        others = {"--init-from": init_from, "--config": config, "--name": name, "--glob": options.other_glob(glob)}
        task = run.go_on(given, others, reporter.notice, sources, accept=output.accept_changes)
    else:
        parent = None if init_from is None else open_run(output.runs, init_from, TextRun, output.teller)
        run, task = starting.new_run(
            given, corpus=sources, glob=glob, parent=parent, config=config, name=name, runs=output.runs,
            argv=sys.argv[1:], notice=reporter.notice, counting=output.teller.counting,
        )  # fmt: skip
    task.measured_after = len(PROTOCOLS)  # what is shown below
    train(task, TEXT, plan_of(run, task, task.settings), run, reporter, output.begun)
    if not is_follower():
        training.show_outcome(run, starting.outcome(run, task, output.teller.counting), TEXT, output)


def _compare(models: str | None, init_from: str | None, output: Output, **asked: Any) -> None:
    """Train all; the table is the result.

    Args:
        models: as typed, such as "rnn,lstm"; None: those of the comparison that goes on.
        init_from: an option that makes no sense here.
        output: where the result goes.
        asked: see `TextComparison`.

    Raises:
        UsageError: that option was given.
    """
    if init_from is not None:
        flag = "--resume" if models is None else "--compare"
        raise UsageError(f"{flag} and --init-from contradict each other", "leave --init-from out.")
    comparison = TextComparison(
        models=None if models is None else models.split(","), **training.in_common(TEXT, output), **asked
    )
    found = comparison.train()
    recurrent = any(row.get(FAR) is not None for row in found.facts["comparison"])
    following = [f"plot-gradients --run {comparison.folder.quoted}"] if recurrent else []
    training.show_comparison(comparison.folder, found, comparison.table(found), following, output)
