"""The GAN beside the plain way of writing one, on the same MNIST files; and what our defaults reach.

    python benchmarks/gan.py MNIST_FOLDER seeds [MINUTES] [SEED...]   classes drawn, KL and kernel distance; 20 minutes
    python benchmarks/gan.py MNIST_FOLDER plain [EPOCHS] [SEED...]    ours and the plain way, as much CPU time; 2 epochs
    python benchmarks/gan.py MNIST_FOLDER speed                       images/s of either, and the machine's rate
    python benchmarks/gan.py MNIST_FOLDER classifier                  accuracy of the classifier, seconds to train it

MNIST_FOLDER holds the four gzipped IDX files. The plain way is that of the tutorials, at the same widths: transposed
and strided convolutions of one image channel with batch normalisation, no other constraint, real and drawn images in
passes of their own, .item() on every batch, samples from the newest weights.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch
from machine import multiply_rate, report, tell
from torch import nn
from torch.nn import functional

import genmodels
from genmodels.telling import Teller

WIDTH, CODE, BATCH = 32, 64, 64
WARMED, TIMED = 10, 60  # steps


def plain_generator() -> nn.Module:
    w = WIDTH
    return nn.Sequential(
        nn.ConvTranspose2d(CODE, 4 * w, 7, bias=False), nn.BatchNorm2d(4 * w), nn.ReLU(),
        nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * w), nn.ReLU(),
        nn.ConvTranspose2d(2 * w, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip


def plain_discriminator() -> nn.Module:
    w = WIDTH
    return nn.Sequential(
        nn.Conv2d(1, w, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
        nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * w), nn.LeakyReLU(0.2),
        nn.Conv2d(2 * w, 4 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(4 * w), nn.LeakyReLU(0.2),
        nn.Conv2d(4 * w, 1, 4, bias=False), nn.Flatten(0),
    )  # fmt: skip


def from_normal(module: nn.Module) -> None:
    """The tutorials' initialisation."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)


class Plain:
    """The tutorials' loop."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.generator, self.discriminator = plain_generator(), plain_discriminator()
        for player in (self.generator, self.discriminator):
            player.apply(from_normal)
        self.optimizers = [
            torch.optim.Adam(player.parameters(), lr=2e-4, betas=(0.5, 0.999))
            for player in (self.generator, self.discriminator)
        ]

    def step(self, real: torch.Tensor) -> None:
        """One update of either player; images from -1 to 1, shape (B, 1, 28, 28)."""
        loss = functional.binary_cross_entropy_with_logits
        ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
        self.discriminator.zero_grad()
        on_real = loss(self.discriminator(real), ones)
        on_real.backward()
        drawn = self.generator(torch.randn(len(real), CODE, 1, 1))
        on_drawn = loss(self.discriminator(drawn.detach()), zeros)
        on_drawn.backward()
        self.optimizers[1].step()
        self.generator.zero_grad()
        deceived = loss(self.discriminator(drawn), ones)
        deceived.backward()
        self.optimizers[0].step()
        (on_real + on_drawn).item(), deceived.item()

    @torch.no_grad()
    def draw(self, count: int) -> torch.Tensor:
        """Images from 0 to 1, shape (N, 28, 28)."""
        self.generator.eval()
        generator = torch.Generator().manual_seed(5)
        codes = torch.randn(count, CODE, 1, 1, generator=generator)
        drawn = torch.cat([self.generator(z) for z in torch.split(codes, 500)])
        self.generator.train()
        return (drawn[:, 0] + 1.0) / 2.0


def sure(*names: str) -> tuple[str, ...]:
    """Measures, each with its standard error behind it."""
    return tuple(name for each in names for name in (each, f"{each}_standard_error"))


MEASURES = (
    "classes_present", *sure("class_kl", "kernel_distance", "precision", "recall"), "nearest_squared",
    *sure("real/class_kl", "real/kernel_distance", "real/precision", "real/recall"), "real/nearest_squared",
)  # fmt: skip


def seeds(mnist: Path, folder: Path, minutes: str = "20", *named: str) -> None:
    for seed in map(int, named or ("1", "2", "3")):
        run = genmodels.train_gan(mnist, minutes=float(minutes), seed=seed, runs=folder)
        found = run.evaluate(epochs="latest").facts["results"][0]
        report(
            "gan",
            command=f"python benchmarks/gan.py MNIST_FOLDER seeds {minutes} {seed}",
            seed=seed, minutes_taken=round(run.facts["seconds"] / 60, 1), steps=run.facts["step"],
            **{name: round(found[name], 4) for name in MEASURES},
            shares=[round(share, 4) for share in found["class_shares"]],
        )  # fmt: skip


def measured(mnist: Path) -> tuple:
    """Training batches as our own training has them, and what measures images: beside none that choose epochs."""
    from genmodels.analysis.classifying import open_referee
    from genmodels.analysis.sample_quality import Yardstick
    from genmodels.analysis.sides import sides_of
    from genmodels.data.images.batches import Images, ShuffledBatches
    from genmodels.data.images.opening import open_images

    cpu = torch.device("cpu")
    data = open_images(str(mnist), tell)
    train = Images(data.train, "none", 1, cpu, "train")
    return ShuffledBatches(train, BATCH), Yardstick(sides_of(data), "none", open_referee(data, cpu, Teller(tell)), cpu)


def plain(mnist: Path, folder: Path, epochs: str = "2", *named: str) -> None:
    """The newest weights of either, as nothing chooses any of the plain way's, after as much CPU time.

    Ours is trained first, evaluations and saves included; the plain way then has what that took. Both have one thread,
    so that what else runs meanwhile slows neither side's count.
    """
    torch.set_num_threads(1)
    batches, yardstick = measured(mnist)
    seeds = [int(seed) for seed in named or ("1", "2", "3")]
    rows: dict[str, list[dict[str, float]]] = {"plain": [], "genmodels": []}
    for seed in seeds:
        begin = time.process_time()
        run = genmodels.train_gan(mnist, epochs=int(epochs), seed=seed, threads=1, runs=folder)
        taken = time.process_time() - begin
        ours = torch.from_numpy(run.draw(yardstick.count, epoch="latest", seed=5))
        player, begin, step = Plain(seed), time.process_time(), 0
        while time.process_time() - begin < taken:
            player.step(batches.at(step).images[:, None] * 2 - 1)
            step += 1
        for name, drawn, steps, batch in (
            ("plain", player.draw(yardstick.count), step, BATCH),
            ("genmodels", ours, run.facts["step"], run.setting("batch_size")),
        ):
            found = yardstick.to_record(yardstick.measure(drawn))
            worked = {"cpu_minutes": round(taken / 60, 2), "steps": steps, "images_seen": steps * batch}
            rows[name].append(worked | {key: round(found[key], 4) for key in MEASURES})
    for name, each in rows.items():
        command = f"python benchmarks/gan.py MNIST_FOLDER plain {epochs}"
        report("gan", command=command, what=name, seeds=seeds, **{key: [row[key] for row in each] for key in each[0]})


def speed(mnist: Path, _: Path) -> None:
    """Images/s of one update of either player."""
    from genmodels.data.images.opening import open_images
    from genmodels.settings.gan import GanSettings
    from genmodels.training.gan import prepare

    rate = multiply_rate()
    task = prepare(GanSettings(device="cpu", batch_size=BATCH), open_images(str(mnist), tell), Teller(tell))
    player = Plain(1)

    def ours(step: int) -> None:
        task.train_step(step, 1.0)

    def theirs(step: int) -> None:
        player.step(task.batches.at(step).images[:, None] * 2 - 1)

    found = {"genmodels": [], "plain": []}
    for _ in range(3):  # alternating
        for name, advance in (("genmodels", ours), ("plain", theirs)):
            for step in range(WARMED + TIMED):
                if step == WARMED:
                    begin = time.perf_counter()
                advance(step)
            found[name].append(TIMED * BATCH / (time.perf_counter() - begin))
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        task.train_step(1, 1.0)
    per_image = counter.get_total_flops() / BATCH
    for name, speeds in found.items():
        median = sorted(speeds)[1]
        row = {"images_per_second": round(median, 1)}
        if name == "genmodels":
            row |= {
                "mflop_per_image": round(per_image / 1e6, 1),
                "gflop_per_second": round(median * per_image / 1e9, 1),
            }
            row |= {"matrix_gflop_per_second": round(rate, 1)}
        report("gan", command="python benchmarks/gan.py MNIST_FOLDER speed", what=name, batch=BATCH, **row)


def classifier(mnist: Path, _: Path) -> None:
    from genmodels.analysis.classifying import accuracy, train_classifier
    from genmodels.data.images.opening import open_images

    data = open_images(str(mnist), tell)
    begin = time.perf_counter()
    network = train_classifier(data)
    seconds = time.perf_counter() - begin
    report(
        "gan",
        command="python benchmarks/gan.py MNIST_FOLDER classifier",
        seconds=round(seconds, 1),
        accuracy_grey=accuracy(network, data, "none"),
        accuracy_drawn_binary=accuracy(network, data, "dynamic"),
    )


COMMANDS = {"seeds": seeds, "plain": plain, "speed": speed, "classifier": classifier}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        COMMANDS[sys.argv[2]](Path(sys.argv[1]).resolve(), Path(scratch), *sys.argv[3:])
