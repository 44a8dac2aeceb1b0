"""What commands are given beside their settings: -q, and what those around pages and exports take."""

from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.streams import be_quiet

Report = Annotated[
    bool,
    typer.Option("--report", help="Write its page, report.html, after each epoch.", rich_help_panel="Output"),
]
AcceptChanges = Annotated[
    bool,
    typer.Option(
        "--accept-changes",
        help="Go on with a run though it was changed by another hand; it records that.",
        rich_help_panel="Run", **options.EXPERT,
    ),
]  # fmt: skip
Force = Annotated[
    bool,
    typer.Option("--force", help="Replace files that genmodels did not write, or that were changed since.",
                 rich_help_panel="Output", **options.EXPERT),
]  # fmt: skip
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Say nothing but errors.", callback=be_quiet, rich_help_panel="Output", **options.EXPERT
    ),
]
RunToExport = Annotated[str, typer.Argument(metavar="RUN", help="A run's name or path, or 'last' for the newest.")]
To = Annotated[
    str,
    typer.Option(
        "--to",
        help="csv: its history, with units; tensorboard: the same as event files; safetensors: a folder with weights, "
        "settings and a card; onnx: its network, compared with our own.",
        metavar="<form>",
    ),
]
ExportOut = Annotated[
    Path | None,
    typer.Option("--out", help="Write the file, or the folder, here.", show_default="in the run's exports/",
                 rich_help_panel="Output", **options.PATH),
]  # fmt: skip
PageOut = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Write the page here: .html.", show_default="report.html in the run's folder",
        rich_help_panel="Output", **options.file_written("--out", "report.html"),
    ),
]  # fmt: skip
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.", rich_help_panel="Output")]
Small = Annotated[
    bool,
    typer.Option("--small", help="Without figures, and with the best epoch's network alone.", rich_help_panel="Output"),
]
TourOut = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Write the page here: .html.", show_default="tour.html in the folder of the runs",
        rich_help_panel="Output", **options.file_written("--out", "tour.html"),
    ),
]  # fmt: skip
TourOpen = Annotated[
    bool | None,
    typer.Option(
        "--open/--no-open", help="Open the page in the browser.", show_default="on a terminal", rich_help_panel="Output"
    ),
]
