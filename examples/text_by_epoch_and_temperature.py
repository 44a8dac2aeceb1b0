"""What a network writes after epoch 1 and after epoch 20, at temperatures 0.25, 0.75 and 1.5.

    python examples/text_by_epoch_and_temperature.py [corpus.txt [epochs]]

On tiny Shakespeare, one core of a shared AMD EPYC beside another busy one, default settings: 18 minutes; validation
1.695 nats/char after epoch 1, 1.454 after epoch 20 (carried protocol).
"""

import sys
import textwrap
from pathlib import Path

import genmodels

NAME = "by-epoch-and-temperature"
TEMPERATURES = (0.25, 0.75, 1.5)
LENGTH = 480


def draw_sheet(run: genmodels.TextRun, epochs: list[int], path: Path) -> None:
    """Epochs down, temperatures across, each text in a box of its own."""
    from matplotlib.figure import Figure

    prompt = run.document()["prompt"]
    figure = Figure(figsize=(4.4 * len(TEMPERATURES), 3.3 * len(epochs)), layout="constrained")
    for axes, epoch in zip(figure.subplots(len(epochs), len(TEMPERATURES), squeeze=False), epochs, strict=True):
        texts = run.sample(epoch=epoch, temperature=TEMPERATURES, length=LENGTH)
        for axis, sample in zip(axes, texts, strict=True):
            text = prompt + sample.text
            lines = [part for line in text.split("\n") for part in textwrap.wrap(line, 53) or [""]]
            shown = "\n".join(lines[:17])
            body = axis.text(
                0.02, 0.97, shown, family="monospace", size=9, va="top", transform=axis.transAxes, parse_math=False
            )
            body.set_in_layout(False)  # a long line must not squeeze its box
            axis.set(xticks=[], yticks=[])
            axis.set_title(f"epoch {epoch}, temperature {sample.temperature:g}", size=11, loc="left")
    figure.suptitle(f"A one-layer LSTM goes on from {prompt!r}", size=12)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Train (or go on with it), then write the sheet from one seed phrase, as text and as a picture."""
    corpus, epochs = sys.argv[1:2], int((sys.argv[2:3] or ["20"])[0])
    if Path("runs", NAME).exists():
        genmodels.resume(NAME, progress=True)
    else:
        genmodels.train_text(corpus, epochs=epochs, name=NAME, progress=True)
    run = genmodels.open_run(NAME, genmodels.TextRun)
    for row in run.evaluations():
        print(f"epoch {row['epoch']:2d}: {row['nll']:.3f} nats/char, {row['bits_per_char']:.3f} bits/char")
    shown = sorted({1, epochs})
    for epoch in shown:
        for sample in run.sample(epoch=epoch, temperature=TEMPERATURES, length=LENGTH):
            print(f"=== epoch {epoch}, temperature {sample.temperature:g}\n{run.document()['prompt']}{sample.text}\n")
    picture = run.figure_path("sheet")
    draw_sheet(run, shown, picture)
    print(f"picture: {picture}")


if __name__ == "__main__":
    main()
