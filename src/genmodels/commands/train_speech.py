"""train-speech: a network that listens; networks of equal size side by side; one for each speaker left out."""

from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.commands.train_images import train_one
from genmodels.errors import UsageError
from genmodels.families.speech import SPEECH
from genmodels.families.speech.comparing import LeaveOneOut, comparison_of
from genmodels.settings.speech import SpeechSettings

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        help="Train several models of equal size alike, such as window:1,window:21,lstm, and compare them; --minutes "
        "is the time of each.",
        show_default="off",
        rich_help_panel="Run",
    ),
]
EachSpeaker = Annotated[
    bool,
    typer.Option(
        "--leave-one-out",
        help="Train without each speaker in turn, and read that one; --minutes is the time of each.",
        rich_help_panel="Run",
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
    each_speaker: EachSpeaker = False,
    init_from: training.InitFrom = None,
    config: training.Config = None,
    name: training.Name = None,
    processes: training.Processes = None,
    output: Output,
) -> None:
    """Train a network that reads spoken words.

    By a window of the sound that it sees, or a state that it carries.

    Utterances of up to --longest words, each by one speaker, are composed of the set's clips anew for every step. After
    each epoch held-out utterances are read, also longer ones than any trained on. Every model is made as large as
    --parameters allows, so that those of --compare are of equal size.

    Examples:

      genmodels train-speech               (the built-in voices)

      genmodels train-speech --dataset fsdd --minutes 5

      genmodels train-speech --compare window:1,window:21,lstm --minutes 3

      genmodels train-speech --dataset fsdd --leave-one-out --minutes 5

      genmodels train-speech --resume last        (a run or a comparison)
    """
    several = training.means_several(each_speaker or None if models is None else models, resume, SPEECH, output)
    if training.is_handed_on(processes, several):
        return
    if several:
        asked = {"dataset": dataset, "resume": resume, "config": config, "name": name, "given": given}
        _compare(models, each_speaker, init_from, output, **asked)
    else:
        new: dict[str, Any] = {"init_from": init_from, "config": config, "name": name}
        train_one(SPEECH, given, dataset=dataset, resume=resume, output=output, **new)


def _compare(models: str | None, each_speaker: bool, init_from: str | None, output: Output, **asked: Any) -> None:
    """Train all; the table is the result, and what memory gives is asked where models differ.

    Args:
        models: as typed, such as "window:21,lstm", or None.
        each_speaker: whether one without each speaker was asked for; with neither, a comparison goes on.
        init_from: an option that makes no sense here.
        output: where the result goes.
        asked: see `SpeechComparison` and `LeaveOneOut`.

    Raises:
        UsageError: both series, or one of the others.
    """
    if models is not None and each_speaker:
        raise UsageError("--compare and --leave-one-out contradict each other", "give one of them.")
    if init_from is not None:
        flag = "--compare" if models is not None else "--leave-one-out" if each_speaker else "--resume"
        raise UsageError(f"{flag} and --init-from contradict each other", "leave --init-from out.")
    comparison = comparison_of(models, each_speaker, **training.in_common(SPEECH, output), **asked)
    found, where = comparison.train(), comparison.folder.quoted
    following = "eval-speech" if comparison.kind == LeaveOneOut.kind else "plot-context"
    training.show_comparison(comparison.folder, found, comparison.table(found), [f"{following} --run {where}"], output)
