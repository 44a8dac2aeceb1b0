"""doctor: what genmodels runs on, to be pasted into a report of trouble."""

from genmodels.cli.output import Output, with_output


@with_output("runs", "csv_file", "json", "debug")
def doctor(*, output: Output) -> None:
    """Show what genmodels runs on, to report a trouble.

    Versions, devices, limits, folders, fonts, terminal; nothing personal.

    Examples:

      genmodels doctor

      genmodels doctor --json > doctor.json
    """
    from genmodels.diagnosis.report import doctor as examine

    output.show(examine(output.runs, output.teller.counting))
