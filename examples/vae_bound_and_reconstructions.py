"""A VAE's lower bound by epoch, and what it makes of ten digits after epochs 1, 10 and 20.

    python examples/vae_bound_and_reconstructions.py [DATASET [EPOCHS]]

DATASET is what --dataset takes: mnist, digits, a folder of IDX files, ...; without one it is MNIST, or the rendered
digits where MNIST can't be had.

On MNIST, dynamic binarisation, one core of a shared AMD EPYC beside another busy one: 9 minutes. The bound on test is
-104.4 nats after epoch 1, -91.1 after 10, -90.0 after 20, and on as many training images -89.6.
"""

import sys
from pathlib import Path

import genmodels

NAME = "bound-and-reconstructions"


def main() -> None:
    """Train (or go on with it), then draw the two figures of the course work."""
    dataset, epochs = (sys.argv[1:2] or [None])[0], int((sys.argv[2:3] or ["20"])[0])
    if Path("runs", NAME).exists():
        genmodels.resume(NAME, progress=True)
    else:
        genmodels.train_vae(dataset, epochs=epochs, name=NAME, progress=True)
    run = genmodels.open_run(NAME, genmodels.VaeRun)
    bound = run.course()
    for row in bound.facts["evaluations"]:
        terms = f"reconstruction {row['reconstruction']:8.2f}, KL {row['kl']:6.2f}"
        print(f"epoch {row['epoch']:2d}, {row['split']:5s}: ELBO {row['elbo']:8.2f} = {terms}")
    shown = sorted({1, max(1, epochs // 2), epochs})
    bound.save("elbo.csv")
    print(bound.save(run.figure_path("elbo")))
    print(run.reconstruct(epochs=shown).save(run.figure_path("reconstruct")))


if __name__ == "__main__":
    main()
