"""runs export."""

from genmodels.cli import declared, options, written
from genmodels.cli.console import say
from genmodels.cli.output import Output, with_output
from genmodels.exports import exporting
from genmodels.families import Run, open_run


@with_output("runs", "json", "debug")
def export(
    run: declared.RunToExport, to: declared.To, out: declared.ExportOut = None, epoch: options.Epoch = None,
    *, output: Output,
) -> None:  # fmt: skip
    """Write a run for other programs.

    Its history, its weights, its network; of weights and network those of one epoch.

    Examples:

      genmodels runs export story --to csv --out story.csv

      genmodels runs export last --to onnx
    """
    made = exporting.export(open_run(output.runs, run, Run, output.teller), to, out, epoch)
    if output.json:
        output.show_facts(made.facts)
        return
    for sentence in made.told:
        say(sentence)
    written.tell(made.path, made.kind)
    written.give(made.path)
