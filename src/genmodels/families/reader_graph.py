"""A reader of strips for other programs: a strip in, distributions over its columns or places out."""

from typing import TYPE_CHECKING

from genmodels.errors import DataError
from genmodels.families.graph import BATCH, RECORDED, Graph, cpu
from genmodels.telling import silent

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.families.readings import LoadedReader
    from genmodels.families.set_run import ImageSetRun

DIGITS, STREAM = 3, "recorded strips"


def reader_graph(run: "ImageSetRun", loaded: "LoadedReader") -> Graph:
    """A reader, tried on strips of test digits; on noise where these are gone.

    Args:
        run: whose images it read.
        loaded: an epoch of it, on the CPU.
    """
    from genmodels.data.images.strips import COLUMN, HEIGHT, canvas_width

    model = loaded.model
    room = max(DIGITS, model.most_digits or 0)
    kind = "columns" if model.by_column else "places"
    return Graph(
        model=model,
        call=lambda strips: [model(strips)],
        inputs={"strips": _strips(run, min(DIGITS, loaded.settings.longest), room, (HEIGHT, canvas_width(room)))},
        outputs=["logits"],
        free={"strips": {0: BATCH, 2: "width"}, "logits": {1: BATCH} | ({0: "columns"} if model.by_column else {})},
        multiples={"width": COLUMN},
        about={
            "strips": f"float32 (batch, {HEIGHT}, width): ink 1 on paper 0, the width a multiple of {COLUMN}",
            "logits": f"float32 ({kind}, batch, 1 + classes): 0 says that there is no digit, k + 1 class k",
        },
    )


def _strips(run: "ImageSetRun", digits: int, room: int, shape: tuple[int, int]) -> "Tensor":
    import torch

    from genmodels.data.images.strips import StripMaker, light_on_dark

    try:
        maker = StripMaker(light_on_dark(run.images(), silent).test, 1, cpu(), STREAM)
    except DataError:
        return torch.rand(RECORDED, *shape, generator=torch.Generator().manual_seed(1))
    return maker.make(RECORDED, digits, room, 0).images
