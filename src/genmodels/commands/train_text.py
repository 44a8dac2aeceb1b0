"""train-text: new runs, resumed runs, runs that start from the weights of another, models side by side."""

import shlex
import sys
from functools import partial
from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.console import say
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.cli.reporters import make_reporter
from genmodels.cli.standard_input import named_to_read
from genmodels.cli.tables import show
from genmodels.errors import UsageError
from genmodels.families import open_run
from genmodels.families.text import TEXT, TextRun, starting
from genmodels.families.text.comparing import Comparison
from genmodels.settings.text import TextSettings
from genmodels.training.starting import plan_of, train

Compare = Annotated[
    str | None,
    typer.Option(
        help="Train several models of equal size alike, such as feedforward,rnn,gru,lstm, and compare them.",
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
    output: Output,
) -> None:
    """Train a character-level language model on a text.

    Examples:

      genmodels train-text                                    (the built-in corpus)

      genmodels train-text corpus.txt --minutes 3

      genmodels train-text book.txt --model gru --hidden-size 512 --device cuda

      genmodels train-text --resume last

      genmodels train-text corpus.txt --compare feedforward,rnn,gru,lstm --minutes 2
    """
    sources = named_to_read(corpus)
    if compare is not None:
        others = {"--init-from": init_from, "--model": given.get("model"), "--name": name if resume else None}
        same = {"corpus": sources, "glob": glob, "given": given, "config": config, "name": name, "resume": resume}
        _compare(compare, others, output, **same)
        return
    reporter = make_reporter(TEXT, output.quiet or output.json)
    if resume is not None:
        run = open_run(output.runs, resume, TextRun, output.teller)
        others = {"--init-from": init_from, "--config": config, "--name": name, "--glob": options.other_glob(glob)}
        task = run.go_on(given, others, reporter.notice, sources)
    else:
        parent = None if init_from is None else open_run(output.runs, init_from, TextRun, output.teller)
        run, task = starting.new_run(
            given, corpus=sources, glob=glob, parent=parent, config=config, name=name, runs=output.runs,
            argv=sys.argv[1:], notice=reporter.notice,
        )  # fmt: skip
    progress = train(task, TEXT, plan_of(run, task, task.settings), run, reporter)
    training.show_outcome(run, starting.outcome(run, task, progress.seconds, output.teller.counting), TEXT, output)


def _compare(models: str, others: dict[str, Any], output: Output, **of_all: Any) -> None:
    """Train all; the table is the result, the figure lies beside the runs.

    Args:
        models: as typed, such as "rnn,lstm".
        others: options that make no sense here, and what was given for them.
        output: where the result goes.
        of_all: what is common to all trainings; see `Comparison`.

    Raises:
        UsageError: one of the other options was given.
    """
    reporter_of = partial(make_reporter, TEXT, output.quiet or output.json)
    comparison = Comparison(
        models=models.split(","), runs=output.runs, argv=sys.argv[1:], reporter_of=reporter_of, **of_all
    )
    for flag, value in others.items():
        if value:
            raise UsageError(f"--compare and {flag} contradict each other", f"leave {flag} out.")
    exhibit = comparison.train()
    figure = exhibit.save(comparison.runs / f"{comparison.prefix}.png", output.teller.notice)
    if output.json:
        output.show_facts({**exhibit.facts, "figure": str(figure)})
        return
    show(exhibit.tables[0], sys.stdout)
    say(f"curves: {figure}")
    recurrent = [f"--run {row['run']}" for row in exhibit.facts["comparison"] if row.get("half_life") is not None]
    if recurrent:
        say(f"next: genmodels plot-gradients --runs {shlex.quote(str(comparison.runs))} {' '.join(recurrent)}")
