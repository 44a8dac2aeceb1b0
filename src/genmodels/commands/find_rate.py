"""find-rate: the loss against the learning rate in one sweep; a command for each family, made out of its row."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.console import say
from genmodels.cli.helping import HelpedCommand, HelpedGroup, helped
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, with_output
from genmodels.cli.standard_input import named_to_read
from genmodels.cli.typed import flags_again, settings_again
from genmodels.families import FAMILIES, open_run, sweeping
from genmodels.families.speech import SPEECH
from genmodels.family import Family
from genmodels.runs.run_dir import typed
from genmodels.settings.sweep import SweepSettings

DATASETS: Mapping[str, Any] = {SPEECH.name: options.Words}  # what --dataset names where that is no image set
SHARED = ("runs", "out", "csv_file", "json", "debug")
Corpus = Annotated[
    list[str] | None,
    typer.Argument(
        help="Text files, folders, or - for standard input, which is read only then.", show_default=options.USUAL_CORPUS
    ),
]
HELP = """Find a learning rate for a {title}.

    Some steps of its training, each with a higher rate than the last: the loss against the rate, and a suggestion by
    fast.ai's rule. More --steps suggest less: each rate has more time. No run is made. All other options are those of
    {command}, on the line that is told at the end.

    Examples:

      genmodels find-rate {name}

      genmodels find-rate {name} --lowest 0.0001 --steps 200 --out rates.png
    """


def build(markup: str | None) -> typer.Typer:
    """The `find-rate` group."""
    app = typer.Typer(
        cls=HelpedGroup,
        help="Find a learning rate, in one short sweep.",
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
    )
    for family in FAMILIES.values():
        app.command(family.name, cls=HelpedCommand)(helped(command_of(family)))
    return app


def command_of(family: Family) -> Callable[..., None]:
    """The command for a family; its options are the training's, but for the rate and what only a run has."""

    def find_rate(
        *,
        given: dict[str, Any],
        asked: dict[str, Any],
        corpus: Corpus = None,
        glob: options.Glob = options.ANY_TEXT,
        dataset: options.Dataset = None,
        preset: Annotated[str | None, options.preset(family.presets)] = None,
        init_from: training.InitFrom = None,
        config: training.Config = None,
        out: options.FigureIfAsked = None,
        output: Output,
    ) -> None:
        output.out = out
        if out is not None:
            output.to(None, sweeping.FIGURE)
        output.check_drawn(out)
        rates, parent = SweepSettings.from_mapping(asked), None
        if init_from is not None:
            parent = open_run(output.runs, init_from, family.run, output.teller)
        found = sweeping.find_rate(
            family, given, rates,
            corpus=named_to_read(corpus) if sweeping.reads_text(family) else (), glob=glob,
            dataset=dataset, preset=preset, parent=parent, config=config, teller=output.teller,
        )  # fmt: skip
        output.show(found)
        if not output.json and (rate := found.facts["suggestion"]) is not None:
            others = {"glob": options.other_glob(glob), "dataset": dataset, "preset": preset, "init-from": init_from}
            words = [
                *(corpus or ()),
                *flags_again({**others, "config": config}),
                *settings_again(family.settings, given),
            ]
            say(f"next: genmodels {' '.join([family.train_command, *map(typed, words)])} --learning-rate {rate:g}")

    return _declared(family, find_rate)


def _declared(family: Family, command: Callable[..., None]) -> Callable[..., None]:
    """The command with those of its options that the family's training has, and the training's settings."""
    lacking = {"dataset", "preset"} if sweeping.reads_text(family) else {"corpus", "glob"}
    lacking |= set() if family.presets else {"preset"}
    signature = inspect.signature(command)
    kept = {name: option for name, option in signature.parameters.items() if name not in lacking}
    if family.name in DATASETS:
        kept["dataset"] = kept["dataset"].replace(annotation=DATASETS[family.name])
    command.__signature__ = signature.replace(parameters=list(kept.values()))  # type: ignore[attr-defined]
    command.__doc__ = HELP.format(name=family.name, title=family.title, command=family.train_command)
    first = {"lowest": "glob" if "glob" in kept else "dataset"}
    trained = with_settings(family.settings, without=[sweeping.SWEPT])(with_output(*SHARED)(command))
    return with_settings(SweepSettings, first, to="asked")(trained)
