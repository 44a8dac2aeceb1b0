"""eval-speech: how well networks listen: by length, by noise, by speaker, word by word; several side by side."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import parse_lengths
from genmodels.families import open_runs
from genmodels.families.readings import check_decoder
from genmodels.families.speech.errors import FEWEST_UTTERANCES, MOST_MEASURED, UTTERANCES_MEASURED, word_errors
from genmodels.families.speech.run import SpeechRun
from genmodels.settings.reader import USUAL_DECODER
from genmodels.settings.speech import check_clips

Lengths = Annotated[
    str | None, typer.Option(help="Words in an utterance, such as 1-16.", show_default="to twice the longest trained")
]
On = Annotated[
    str | None,
    typer.Option(
        "--on", help="Another set to listen to, as --dataset of train-speech says it.", show_default="the run's own"
    ),
]
Utterances = Annotated[int, typer.Option(help="Utterances of each length.", min=FEWEST_UTTERANCES, max=MOST_MEASURED)]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def eval_speech(
    run: options.RunsByName = None,
    lengths: Lengths = None,
    utterances: Utterances = UTTERANCES_MEASURED,
    on: On = None,
    decode: options.Decode = USUAL_DECODER,
    beam_width: options.BeamWidth = None,
    seed: Annotated[int, options.seed("Of the utterances.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunWords = None,
    *,
    output: Output,
) -> None:
    """Measure how well networks read words, by length and noise.

    Words wrong and utterances right; by speaker too. Each test clip is read alone, as it was recorded: first as it is,
    then by a network that is told that it holds one word. Then utterances composed of test clips are read, also longer
    ones than any trained on. The figure also shows which word was taken for which. Runs that differ by their seed alone
    are shown as one, with their spread.

    Examples:

      genmodels eval-speech

      genmodels eval-speech --run memory --lengths 1-16 --csv errors.csv

      genmodels eval-speech --on fsdd --decode beam
    """
    check_decoder(decode, beam_width)
    wanted = None if lengths is None else parse_lengths(lengths, check_clips)
    found = [one.at(dataset) for one in open_runs(output.runs, run or (None,), SpeechRun, output.teller)]
    output.to(found, "word-errors")
    output.show(
        word_errors(
            found, wanted, utterances=utterances, on=on, decode=decode, beam_width=beam_width, seed=seed, device=device
        )
    )
