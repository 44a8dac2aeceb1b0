"""A run's weights as a folder that needs neither genmodels nor PyTorch: safetensors, settings, a card to read."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from genmodels import __version__
from genmodels.bytewise import words_of
from genmodels.durable import to_json
from genmodels.errors import RunError, UsageError
from genmodels.exhibit import Row, written
from genmodels.families import Run
from genmodels.families.best import best_told
from genmodels.families.graph import graph_of
from genmodels.families.repeating import commands_of
from genmodels.families.summary import settings_told
from genmodels.families.whole import whole_summary_of
from genmodels.family import FAMILIES
from genmodels.printable import one_line
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.epochs import Epoch
from genmodels.runs.run_dir import epoch_of

if TYPE_CHECKING:
    from genmodels.runs.checkpoint import Checkpoint

WEIGHTS, SETTINGS, CARD = "model.safetensors", "settings.json", "README.md"
OWN = ("format", "step")  # of a checkpoint, which mean nothing outside of a run
SNIPPET = f'''import json
from pathlib import Path

from safetensors.numpy import load_file

weights = load_file("{WEIGHTS}")  # arrays by name; safetensors.torch gives tensors instead
about = json.loads(Path("{SETTINGS}").read_text(encoding="utf-8"))
print(about["family"], about["settings"]["model"], "after epoch", about["epoch"])
for name, array in sorted(weights.items()):
    print(name, array.dtype, *array.shape)
'''
HEAD = """---
library_name: genmodels
tags:
- genmodels
- {family}
---
"""


def folder_of(run: Run, epoch: Epoch | None = None) -> dict[str, bytes]:
    """An epoch's weights, or the best one's, its settings and all that stands beside them, and a model card.

    Raises:
        RunError: that epoch was not kept, or the run is damaged.
    """
    from safetensors.numpy import save

    read = read_checkpoint(run.epoch_checkpoint(epoch))
    weights = read.tensors["model"]
    about = _described(run, read)
    card = "\n".join(_card(run, about, {name: array.shape for name, array in weights.items()}))
    return {
        WEIGHTS: save(weights, metadata={"format": "pt", "genmodels": __version__}),
        SETTINGS: to_json(about),
        CARD: (HEAD.format(family=run.family) + card).encode("utf-8"),
    }


def described_for(run: Run, epoch: Epoch | None = None) -> dict[str, Any]:
    """What a program needs to know of an epoch beside its weights: settings, vocabulary or classes, scores.

    Args:
        run: of any family.
        epoch: None: the best one.

    Raises:
        RunError: that epoch was not kept, or the run is damaged.
    """
    return _described(run, read_checkpoint(run.epoch_checkpoint(epoch)))


def _described(run: Run, read: "Checkpoint") -> dict[str, Any]:
    settings = read.state.get("settings")
    if not isinstance(settings, dict) or "model" not in settings:
        raise RunError(f"{read.path / 'state.json'} is damaged: it tells no settings", "export another epoch.")
    kept = {name: value for name, value in read.state.items() if name not in OWN}
    return {
        "genmodels": __version__,
        "run": one_line(run.name),
        "family": run.family,
        **kept,
        "epoch": epoch_of(read.path, read.state),
    }


def _card(run: Run, about: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    """The lines of the model card, in the form of the Hugging Face hub's; every text of others stands as code."""
    family, summary, document = FAMILIES[run.family], whole_summary_of(run), run.document()
    numbers = sum(math.prod(shape) for shape in shapes.values())
    yield f"# {family.title} {_code(about['settings']['model'])}: {_code(run.name)}\n"
    yield (
        f"A {family.title}, trained with genmodels on {_code(run.data_told)}: {numbers:,} numbers in {len(shapes)} "
        f"tensors, after epoch {about['epoch']:g}{_best(about, summary)}.\n"
    )
    yield f"| file | |\n|---|---|\n| `{WEIGHTS}` | the weights, float32, by name |"
    yield f"| `{SETTINGS}` | settings, what letters, classes or words are numbered by, scores of this epoch |\n"
    yield f"## Load it\n\nWith the packages safetensors and numpy, in this folder:\n\n```python\n{SNIPPET}```\n"
    yield from _calls(run)
    yield "## Settings that are not defaults\n\n| setting | value | from |\n|---|---|---|"
    for row in settings_told(document, every_setting=False).rows:
        yield f"| {_cell(row['setting'])} | {_cell(row['value'])} | {_cell(row['from'])} |"
    if commands := commands_of(run.name, document):
        yield f"\nThe command that repeats it: {', then '.join(map(_code, commands))}"
    yield ""
    yield "## Scores\n\n| part | measure | |\n|---|---|---|"
    for split, measures in about.items():
        if isinstance(measures, dict) and family.score in measures:
            for name, form in family.measures.items():
                if name in measures:
                    told = written(measures[name], form)
                    yield f"| {_cell(split)} | {_cell(words_of(document)(family.measure_told(name)))} | {told} |"
    yield ""


def _best(about: Mapping[str, Any], summary: Row) -> str:
    """That it is the best epoch, or which one is; nothing where none was finished."""
    best, told = summary["best_epoch"], _code(best_told(summary))
    if best is None:
        return ""
    return f", the best: {told}" if about["epoch"] == best else f"; the best is epoch {best:g}: {told}"


def _calls(run: Run) -> Iterator[str]:
    """What the network takes and gives, by the graph that `--to onnx` writes."""
    try:
        about = graph_of(run).about
    except UsageError:
        return
    yield "## What it computes\n\nAs a graph (`genmodels runs export --to onnx`) the network takes and gives:\n"
    yield "| | |\n|---|---|"
    for name, told in about.items():
        yield f"| `{name}` | {told.replace('|', chr(92) + '|')} |"
    yield ""


def _code(value: object) -> str:
    """A text of anybody's in a line of Markdown that shows it and does nothing else.

    >>> _code("a|b"), _code("x ``y`` z")
    ('`a|b`', '``` x ``y`` z ```')
    """
    text = one_line(str(value)) or "-"
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", text))))
    return f"{fence} {text} {fence}"


def _cell(value: object) -> str:
    """The same in a table, where a bar would end the cell."""
    return _code(value).replace("|", "\\|")
