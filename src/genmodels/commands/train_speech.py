"""train-speech: a network that listens; networks of equal size side by side; one for each speaker left out."""

import shlex
import sys
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.console import say
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.cli.reporters import make_reporter
from genmodels.cli.tables import show
from genmodels.commands.train_images import train_one
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.speech import SPEECH
from genmodels.families.speech.comparing import LEFT_OUT, Trainings, compare, leave_one_out
from genmodels.settings.speech import SpeechSettings

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        help="Train several models of equal size alike, such as window:1,window:21,lstm, and compare them.",
        show_default="off",
        rich_help_panel="Run",
    ),
]
LeaveOneOut = Annotated[
    bool,
    typer.Option(
        "--leave-one-out", help="Train without each speaker in turn, and read that one.", rich_help_panel="Run"
    ),
]


@with_settings(SpeechSettings)
@with_output(*training.OPTIONS)
def train_speech(
    *,
    given: dict[str, Any],
    dataset: options.Words = None,
    resume: training.Resume = None,
    models: Compare = None,
    each_speaker: LeaveOneOut = False,
    init_from: training.InitFrom = None,
    config: training.Config = None,
    name: training.Name = None,
    output: Output,
) -> None:
    """Train a network that reads spoken words, by a window of the sound that it sees or a state that it carries.

    Utterances of up to --longest words, each by one speaker, are composed of the set's clips anew for every step. After
    each epoch held-out utterances are read, also longer ones than any trained on. Every model is made as large as
    --parameters allows, so that those of --compare are of equal size.

    Examples:

      genmodels train-speech               (the built-in voices)

      genmodels train-speech --dataset fsdd --minutes 5

      genmodels train-speech --compare window:1,window:21,lstm --minutes 3

      genmodels train-speech --dataset fsdd --leave-one-out --minutes 5

      genmodels train-speech --resume last
    """
    series = _series_of(models, each_speaker, {"--init-from": init_from, "--name": name if resume else None})
    if series is not None:
        trainings = Trainings(
            dataset=dataset, given=given, config=config, name=name, resume=resume, runs=output.runs,
            argv=sys.argv[1:], reporter_of=partial(make_reporter, SPEECH, output.quiet or output.json),
            teller=output.teller,
        )  # fmt: skip
        _show_series(*series(trainings), output)
    else:
        new: dict[str, Any] = {"init_from": init_from, "config": config, "name": name}
        train_one(SPEECH, given, dataset=dataset, resume=resume, output=output, **new)


def _series_of(
    models: str | None, each_speaker: bool, others: dict[str, str | None]
) -> Callable[[Trainings], tuple[str, Exhibit]] | None:
    """Which series of trainings was asked for; None: one training. `others` make no sense beside one.

    Raises:
        UsageError: both series, or one of the others.
    """
    if models is not None and each_speaker:
        raise UsageError("--compare and --leave-one-out contradict each other", "give one of them.")
    asked = "--compare" if models is not None else "--leave-one-out" if each_speaker else None
    for flag, value in others.items():
        if value is not None and asked is not None:
            beside = "--resume" if flag == "--name" else asked
            raise UsageError(f"{beside} and {flag} contradict each other", f"leave {flag} out.")
    if models is not None:
        return partial(compare, models.split(","))
    return leave_one_out if each_speaker else None


def _show_series(prefix: str, exhibit: Exhibit, output: Output) -> None:
    """The table is the result, the figure lies beside the runs; what memory gives is asked where models differ."""
    figure = exhibit.save(output.runs / f"{prefix}.png", output.teller.notice)
    if output.json:
        output.show_facts({**exhibit.facts, "figure": str(figure)})
        return
    show(exhibit.tables[-1], sys.stdout)
    say(f"figure: {figure}")
    following = "eval-speech" if exhibit.name == LEFT_OUT else "plot-context"
    say(f"next: genmodels {following} --runs {shlex.quote(str(output.runs))} --run {shlex.quote(f'{prefix}-*')}")
