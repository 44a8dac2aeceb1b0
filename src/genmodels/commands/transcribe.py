"""transcribe: the words in recordings, with their confidence and when each was said."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import parse_lengths
from genmodels.errors import UsageError
from genmodels.families import open_run
from genmodels.families.readings import check_decoder, figure_name
from genmodels.families.speech.hearing import FEWEST_UTTERANCES, MOST_UTTERANCES, named_recordings
from genmodels.families.speech.microphone import LONGEST, SECONDS, SHORTEST, microphone_source
from genmodels.families.speech.run import LENGTHS_SHOWN, UTTERANCES_SHOWN, SpeechRun
from genmodels.settings.reader import USUAL_DECODER
from genmodels.settings.speech import check_clips

USUAL_LENGTHS = ",".join(map(str, LENGTHS_SHOWN))

Files = Annotated[
    list[str] | None,
    typer.Argument(
        help="Recordings: wav; flac, ogg, mp3 and others with genmodels[audio]; - for a wav on standard input.",
        show_default="utterances made of test clips",
    ),
]
Utterances = Annotated[
    int | None,
    typer.Option(
        help="So many utterances of test clips instead of files.", show_default=str(UTTERANCES_SHOWN),
        min=FEWEST_UTTERANCES, max=MOST_UTTERANCES,
    ),
]  # fmt: skip
Lengths = Annotated[
    str | None, typer.Option(help="Words in those utterances, in turn, such as 1-8.", show_default=USUAL_LENGTHS)
]
Microphone = Annotated[bool, typer.Option("--microphone", help="Record first, and read that; needs genmodels[audio].")]
Seconds = Annotated[float, typer.Option(help="So long the microphone listens.", min=SHORTEST, max=LONGEST)]


@with_output("runs", "out", "json", "computing", "debug")
def transcribe(
    files: Files = None,
    run: options.RunName = None,
    epoch: options.Epoch = None,
    decode: options.Decode = USUAL_DECODER,
    beam_width: options.BeamWidth = None,
    microphone: Microphone = False,
    seconds: Seconds = SECONDS,
    utterances: Utterances = None,
    lengths: Lengths = None,
    seed: Annotated[int, options.seed("Of those utterances.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunWords = None,
    *,
    output: Output,
) -> None:
    """Read words in recordings, or in utterances of test clips.

    A network knows the words that it was trained on: whatever else is said is taken for one of them, or for none. The
    confidence is the probability of the whole reading, which is small where many words are read; the times, in seconds,
    are where the network says each word: while it is said, or up to a quarter of a second later.

    Examples:

      genmodels transcribe               (utterances of test clips)

      genmodels transcribe phone-number.wav --out read.png

      arecord -f S16_LE -r 8000 -d 5 | genmodels transcribe -

      genmodels transcribe --microphone --seconds 4
    """
    check_decoder(decode, beam_width)
    wanted = None if lengths is None else parse_lengths(lengths, check_clips)
    named = named_recordings(files or None, utterances, wanted)
    if microphone and (named or utterances is not None or lengths is not None):
        raise UsageError("--microphone contradicts files, --utterances and --lengths", "give one of them.")
    found = open_run(output.runs, run, SpeechRun, output.teller).at(dataset)
    output.to_new(found, figure_name("transcript", ["microphone"] if microphone else named))
    sources = [microphone_source(seconds, output.teller)] if microphone else []
    readings = found.transcribe(
        named or None, sources=sources, utterances=utterances, lengths=wanted, epoch=epoch, decode=decode,
        beam_width=beam_width, seed=seed, device=device,
    )  # fmt: skip
    output.show(readings)
