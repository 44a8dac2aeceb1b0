"""A generator alive in a page: ways between codes, what each epoch draws of the same codes, and how the game went."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive
from genmodels.families.alive_images import (
    RECORDED,
    SCRIPTS,
    drawn_exhibits,
    film_of,
    guessing,
    images_called,
    network_of,
    shown,
)
from genmodels.families.latent import CodedRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from genmodels.models.gan import GAN
    from genmodels.models.stored import Loaded
    from genmodels.settings.gan import GanSettings

    LoadedGan = Loaded[GAN, GanSettings]

STRIP = 6  # codes in the strip of film
POINTS = 200  # of a curve, at most
SCORES = {"score_real": "real images, D(x)", "score_drawn": "drawn images, D(G(z))"}


def alive_generator(run: CodedRun) -> list[Alive]:
    """The sections in which a generator draws on the way between codes, and in which its pictures lie among real ones.

    Raises:
        RunError: no epoch was kept.
    """
    from genmodels.sampling.images import draw_prior

    held = shown(run)
    loaded: LoadedGan = held.loaded
    inputs = draw_prior(RECORDED, loaded.settings.latent_size, 1, "recorded codes")
    network = network_of(loaded, lambda model: model.generator, lambda model: _logits(model, inputs))
    alive = Alive(
        part=run.family,
        scripts=(*SCRIPTS, run.family),
        title="It draws on the way",
        about=f"Each image is drawn from {loaded.settings.latent_size} random numbers, its code. Go from one code to "
        "another, and see what lies between two images.",
        data={
            "model": loaded.settings.model,
            "latent": loaded.settings.latent_size,
            "shape": loaded.model.shape,
            "ink": loaded.ink,
            "film": film_of(run, loaded.epoch, STRIP, _strip),
            "game": _game(run),
        },
        networks=[network],
        inputs=inputs.tolist(),
        learned=_learned(run, loaded),
    )
    return [alive, *guessing(run, held)]


def _logits(model: "GAN", codes: "Tensor") -> "Tensor":
    logits: Tensor = model.generator(codes).flatten(1)
    return logits


def _strip(loaded: "LoadedGan") -> "NDArray[np.float32]":
    """What an epoch draws of codes that are always the same: those of the first images of a sheet."""
    from genmodels.sampling.images import draw_gan

    images: NDArray[np.float32] = draw_gan(loaded.model, STRIP, 1).numpy()
    return images


def _game(run: CodedRun) -> dict[str, Any]:
    """The discriminator's scores while it was trained, as a chart."""
    probabilities = run.setting("loss") == "non-saturating"
    lines = []
    for score, name in SCORES.items():
        course = run.follow(score)
        records = course.while_training or course.evaluated
        every = -(-len(records) // POINTS)
        points = [[course.epoch_of(record), record[score]] for record in records[::every]]
        lines.append({"name": name, "colour": score.replace("_", "-"), "held": True, "best": None, "points": points})
    called = "How real the discriminator took them for, from 0 to 1" if probabilities else "The discriminator's score"
    return {"title": called, "across": "epoch", "lines": lines}


def _learned(run: CodedRun, loaded: "LoadedGan") -> str:
    """What it learned, for somebody who knows nothing of it."""
    told = (
        f"It learned to draw images like {images_called(run)} out of {loaded.settings.latent_size} random numbers, in "
        "a game against a second network, which learned to tell drawn images from real ones."
    )
    records = run.best_evaluation()
    record: Mapping[str, Any] = next((records[name] for name in ("validation", "test") if name in records), {})
    classes = run.document()["data"].get("classes") or ()
    if "classes_present" not in record or len(classes) < 2:
        return told
    return f"{told} Of the {len(classes)} classes that it saw it draws {record['classes_present']:g}."


def generator_exhibits(run: CodedRun) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: how the game went, drawn images, ways between codes."""
    return [*drawn_exhibits(run), run.latent]
