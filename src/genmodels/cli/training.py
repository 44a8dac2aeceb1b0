"""What every training command does around its own part: resuming, the plan, and what run.json keeps."""

from pathlib import Path
from typing import Annotated

import typer

Resume = Annotated[
    str | None, typer.Option(help="Go on with this run (or 'last') where it stopped.", rich_help_panel="Run")
]
Config = Annotated[Path | None, typer.Option(help="Settings from a TOML file or a run.json.", rich_help_panel="Run")]
Name = Annotated[str | None, typer.Option(help="Name of the run.", show_default="from the time", rich_help_panel="Run")]
