"""The tables of the README's part "Measured", out of results.jsonl.

    python benchmarks/readme.py [--write]

prints them, or puts each in the place of the README's table with the same head. A line of results.jsonl that they show
has a name of its own as "readme"; here each cell names the lines and numbers that it shows.
"""

import json
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.runs.records import named_now

README = Path(__file__).parents[1] / "README.md"
RESULTS = Path(__file__).with_name("results.jsonl")
MISSING = ""  # a cell without a number
BEST = "the best"
ORIGIN = "commit"
FORMER_NAMES = {
    "kernel_standard_error": "kernel_distance_standard_error",
    "chars_per_second": "chars_per_second_in_all",
}  # in lines of earlier versions
ORIGINS = {"commit": "measured at", "recorded_in": "recorded in"}  # a line of results.jsonl has one of these keys


class Number(float):
    """A number that a cell may show as a share in percent or its points, a time, in hundreds, or a power of ten."""

    def __format__(self, form: str) -> str:
        if form.startswith("%"):
            return f"{100 * self:.{form[1:]}f} %"
        if form.startswith("points"):
            return f"{100 * self:.{form[6:]}f}"
        if form == "time":
            minutes, seconds = divmod(round(self), 60)
            return f"{minutes} min {seconds:02d} s"
        if form == "hundreds":
            return f"{round(self, -2):,.0f}"
        if form == "power":
            return re.sub("e-0*", "e-", f"{float(self):.0e}")
        return format(float(self), form)


class Nothing:
    """What a line does not have, such as the standard error of a share that is nought."""

    def __format__(self, form: str) -> str:
        return "–"


@dataclass(frozen=True)
class Table:
    """A table of the README: its head, and the template of each cell."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    of_several: bool = False  # commits: then the last column has that of each row

    def drawn(self, lines: dict[str, Any]) -> str:
        """As Markdown."""
        head = (*self.head, ORIGIN) if self.of_several else self.head
        filled = [(*row, *([self.origin(lines, [row])] if self.of_several else [])) for row in self.rows]
        rows = [head, ("---",) * len(head), *(tuple(c.format(**lines) for c in row) for row in filled)]
        return "\n".join(f"|{row[0]}|" + "|".join(row[1:]) + "|" if row[0] == "---" else _row(row) for row in rows)

    def origin(self, lines: dict[str, Any], rows: Sequence[tuple[str, ...]] | None = None) -> str:
        """By which commits the lines of some rows, or of all, were measured; or in which they were recorded.

        >>> Table((), (("{one[x]}, {two[x]}",),)).origin({"one": {"commit": "ab"}, "two": {"recorded_in": "cd"}})
        'measured at `ab`; recorded in `cd`'
        """
        cells = "".join("".join(row) for row in (self.rows if rows is None else rows))
        named = dict.fromkeys(re.findall(r"\{(\w+)\[", cells))
        found: dict[str, dict[str, None]] = {}
        for line in (lines[name] for name in named):
            key = next(key for key in ORIGINS if key in line)
            found.setdefault(ORIGINS[key], {})[f"`{line[key]}`"] = None
        return "; ".join(f"{told} {', '.join(commits)}" for told, commits in found.items())


def _row(cells: tuple[str, ...]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _of_seeds(epoch: int, side: str) -> str:
    """The mean of three seeds' losses, and its standard error."""
    return f"{{classic_{epoch}[{side}_mean]:.1f}} ± {{classic_{epoch}[{side}_error]:.1f}}"


def _spread(name: str, measure: str, form: str) -> str:
    """A measure's mean over seeds with its standard error."""
    return f"{{{name}[{measure}_mean]:{form}}} ± {{{name}[{measure}_error]:{form}}}"


FIGURES = Table(
    ("what", "measured"),
    (
        (
            "tiny Shakespeare, first 90 % / last 10 %, default settings, `--minutes 3` (means of three seeds, ± their "
            "standard error; two cores of an EPYC with AVX-512)",
            "{text_3[carried_nll_mean]:.3f} ± {text_3[carried_nll_error]:.3f} nats/char carried, "
            "{text_3[windows_nll_mean]:.3f} ± {text_3[windows_nll_error]:.3f} windows",
        ),
        (
            "the same on a slower machine, `--minutes 10` (it took 7.3 minutes, planned from the speed of its first "
            "seconds), one seed",
            "{text_10[carried_nll]:.3f} carried, {text_10[windows_nll]:.3f} windows",
        ),
        (
            "training 1x256, with dropout, against a bare loop of the same `nn.LSTM` and optimiser without",
            "{training[genmodels_chars_per_second]:hundreds} against {training[bare_loop_chars_per_second]:hundreds} "
            "characters "
            "a second; of the time ratios of five pairs of rounds the median is {training[time_ratio]:.2f}",
        ),
        (
            "writing one text, against the plain loop around `nn.LSTM`",
            "; ".join(
                f"{size}: {{writing_{size}[lean_chars_per_second]:hundreds}} / s, {{writing_{size}[ratio]:.1f}} times"
                for size in ("1x128", "1x256", "2x512")
            ),
        ),
        ("resident memory training on 1 GB of text, above that for 1 MB", "{memory[difference_mib]:.0f} MiB"),
        (
            "VAE on MNIST, `--binarize dynamic`, 20 epochs, default settings, -ELBO on test",
            "; ".join(
                f"{told} {{vae_{model}[negative_elbo_test]:.1f}} ± "
                f"{{vae_{model}[negative_elbo_test_standard_error]:.1f}} nats"
                for told, model in (("conv", "conv"), ("`--model mlp`", "mlp"))
            ),
        ),
        (
            "the textbooks' VAE (784-400-20, grey targets, `--preset classic`) beside the plain way of writing it, "
            "after epochs 1, 2, 3",
            "test loss "
            + " / ".join(_of_seeds(epoch, "our_test") for epoch in (1, 2, 3))
            + " against "
            + " / ".join(_of_seeds(epoch, "plain_test") for epoch in (1, 2, 3))
            + " (means of three seeds, ± their standard error), in "
            + ", ".join(f"{{classic_{epoch}[time_ratio]:.2f}}" for epoch in (1, 2, 3))
            + " of the time of each epoch",
        ),
        ("500 importance samples for each of 10,000 images, mlp", "{importance[process_seconds]:.0f} s"),
        (
            "gated PixelCNN, 41,000 parameters: training, forward and backward, batches of 32",
            "{pixels_speed[images_per_second]:.0f} images/s: {pixels_speed[gigaflop_per_second]:.0f} of the "
            "{pixels_speed[multiply_gigaflop_per_second]:.0f} GFLOP/s that large matrix products reach here, as the "
            "layers are narrow",
        ),
        (
            "drawing 64 images of 28x28 with it, against 784 full forward passes",
            "{drawing[cached_seconds][3]:.2f} s against {drawing[naive_seconds]:.0f} s, the same pixels",
        ),
        (
            "GAN after {gan_ours[steps][0]:,.0f} steps of 32 images, evaluations and saves included, beside the "
            "tutorials' way of writing one, at the same widths, after {gan_plain[steps][0]:,.0f} to "
            "{gan_plain[steps][2]:,.0f} steps of 64, each in {gan_ours[cpu_minutes_mean]:.1f} minutes of one core's "
            "time; the newest weights of either, beside test images that chose nothing (means of three seeds, ± their "
            "standard error)",
            "; ".join(
                f"{told} {_spread('gan_ours', measure, form)} against {_spread('gan_plain', measure, form)}"
                for told, measure, form in (
                    ("kernel distance", "kernel_distance", ".3f"),
                    ("KL of the classes", "class_kl", ".4f"),
                    ("precision", "precision", ".2f"),
                    ("recall", "recall", ".2f"),
                )
            )
            + " (kernel distance of real images {gan_ours[real/kernel_distance_mean]:.3f}, of one such measure ± "
            "{gan_ours[real/kernel_distance_standard_error_mean]:.3f})",
        ),
        (
            "its training, one update of either player, batches of 64 (Xeon)",
            "{gan_speed[images_per_second]:,.0f} images/s, {gan_speed[gflop_per_second]:.0f} of the "
            "{gan_speed[matrix_gflop_per_second]:.0f} GFLOP/s that large matrix products reach there; the plain way, "
            "without spectral norms, R1 and averages, {gan_speed_plain[images_per_second]:,.0f}",
        ),
        (
            "the classifier that judges drawn digits (one thread, AVX-512)",
            "{judge[accuracy_grey]:%1} of the test digits, {judge[accuracy_drawn_binary]:%1} drawn as black and white; "
            "trained once, on 10,000 training digits that nothing is compared with, in {judge[seconds]:.0f} s beside "
            "other work",
        ),
        (
            "reader (`train-reader`), default settings, `--minutes 19.5` (it took {reader[minutes_taken]:.1f}), "
            "strips of "
            "MNIST test digits (Xeon; measured before strips had the room beside them that they have in training)",
            "1 to 8 digits: {reader[sequence_accuracy][1-8]:%1} ± "
            "{reader[sequence_accuracy_standard_error][1-8]:points1} of the strips without any error, "
            "{reader[character_error_rate][1-8]:%2} errors for each digit; 9 to 16, longer than any trained on: "
            "{reader[sequence_accuracy][9-16]:%1} ± {reader[sequence_accuracy_standard_error][9-16]:points1} and "
            "{reader[character_error_rate][9-16]:%2} (± one standard error over the strips; one seed)",
        ),
        (
            "reader: training (Xeon)",
            "{reader_speed[strips_per_second]:.0f} strips/s, {reader_speed[gigaflop_per_second]:.0f} of the "
            "{reader_speed[multiply_gigaflop_per_second]:.0f} GFLOP/s that large matrix products reach there; "
            "{reader_speed[share_of_composing]:%0} of the time goes into composing strips",
        ),
        (
            "network that listens (`train-speech --dataset fsdd`), 36, 23 and 36 epochs in "
            "{speech_1[minutes_taken]:.1f}, {speech_2[minutes_taken]:.1f} and {speech_3[minutes_taken]:.1f} minutes on "
            "one thread of the Xeon beside other work, official split, seeds 1, 2, 3",
            "utterances of 1 to 8 words: "
            + ", ".join(f"{{speech_{seed}[1-8][word_error_rate]:%2}}" for seed in (1, 2, 3))
            + " of the words wrong, "
            + ", ".join(f"{{speech_{seed}[1-8][sequence_accuracy]:%1}}" for seed in (1, 2, 3))
            + " without any error; 9 to 16 words, longer than any trained on: "
            + ", ".join(f"{{speech_{seed}[9-16][sequence_accuracy]:%1}}" for seed in (1, 2, 3)),
        ),
        (
            "speakers never heard, single words, `--features mfcc --voices 0.5 --leave-one-out --minutes 5`, one seed",
            "{unseen[speakers][mean][known]:%1} (mean of six), the worst {unseen[speakers][nicolas][known]:%1}; "
            "wanted 95 "
            "and 88",
        ),
        (
            "trained on synthesised voices alone ({voices_1[steps]:,.0f} and {voices_2[steps]:,.0f} steps in "
            "{voices_1[minutes_taken]:.1f} and {voices_2[minutes_taken]:.1f} minutes, beside other work), FSDD's test "
            "recordings as single words",
            "{voices_1[fsdd_test][one][sequence_accuracy]:%1}, {voices_2[fsdd_test][one][sequence_accuracy]:%1} (two "
            "seeds); wanted 80",
        ),
        ("`judge-text`'s statistics of 100 kB beside 1 MB", "{judging[seconds]:.2f} s, on one core"),
        (
            "`genmodels --version` / `--help`, piped (Xeon, where importing Typer alone takes 0.08 s)",
            "{start_version[median_seconds]:.2f} s / {start_help[median_seconds]:.2f} s; wanted 0.2",
        ),
    ),
    of_several=True,
)


def _behind(name: str) -> str:
    return f"{{{name}[nll_behind]:.3f}} ± {{{name}[nll_behind_standard_error]:.3f}}"


def _trained(name: str, told: str) -> tuple[str, ...]:
    """A network's row beside the others of its size."""
    return (
        told,
        f"{{{name}[parameters]:,.0f}}",
        f"{{{name}[nll]:.3f}} ± {{{name}[nll_standard_error]:.3f}}",
        BEST if name == "lstm" else _behind(name),
        f"{{{name}[accuracy]:%1}}",
        f"{{{name}[chars_per_second_in_all]:hundreds}}",
        MISSING if name == "feedforward" else f"{{{name}[gradient_at_50]:power}}",
        f"{{{name}[seconds]:time}}",
    )


def _counted(name: str, told: str, time: str = MISSING) -> tuple[str, ...]:
    """The row of a way of counting, there too."""
    nll = f"{{{name}[nll]:.3f}} ± {{{name}[nll_standard_error]:.3f}}"
    return told, MISSING, nll, _behind(name), *[MISSING] * 3, time


CELLS = Table(
    (
        "model", "parameters", "nats/char (carried)", "more than the best", "accuracy", "chars/s",
        "hidden state's gradient at distance 50, of that at 1", "time taken",
    ),
    (
        _trained("lstm", "LSTM, {lstm[hidden_size]:.0f} units"),
        _counted("gram", "modified Kneser-Ney, {gram[order]:.0f}-gram", "{gram[seconds]:.0f} s"),
        _trained("gru", "GRU, {gru[hidden_size]:.0f}"),
        _trained("rnn", "tanh RNN, {rnn[hidden_size]:.0f}"),
        _trained("feedforward", "feedforward, {feedforward[hidden_size]:.0f}"),
        _counted("unigram", "unigram"),
        _counted("uniform", "uniform"),
    ),
)  # fmt: skip


def _drawn(name: str, told: str, nats: str) -> tuple[str, ...]:
    """The row of what draws images."""
    real = name == "compared_real"
    return (
        told,
        MISSING if real else f"{{{name}[parameters]:,.0f}}",
        nats,
        f"{{{name}[classes_present]:.0f}}",
        f"{{{name}[class_kl]:.4f}} ± {{{name}[class_kl_standard_error]:.4f}}",
        f"{{{name}[kernel_distance]:.3f}} ± {{{name}[kernel_distance_standard_error]:.3f}}",
        f"{{{name}[precision]:.2f}}, {{{name}[recall]:.2f}}",
        MISSING if real else f"{{{name}[seconds_for_64]:.2g}}",
        MISSING if real else f"{{{name}[minutes]:.1f}}",
    )


FAMILIES = Table(
    (
        "model", "parameters", "nats/image (test)", "classes present", "KL of the classes", "kernel distance",
        "precision, recall (each ± 0.01)", "seconds for 64", "minutes to that epoch",
    ),
    (
        _drawn(
            "compared_vae", "VAE, conv",
            "at most {compared_vae[nats]:.1f} ± {compared_vae[nats_standard_error]:.1f}",
        ),
        _drawn(
            "compared_pixels", "gated PixelCNN",
            "{compared_pixels[nats]:.1f} ± {compared_pixels[nats_standard_error]:.1f}",
        ),
        _drawn("compared_gan", "GAN, dcgan", "has none"),
        _drawn("compared_real", "(real images)", MISSING),
    ),
)  # fmt: skip

LENGTHS = ("1", "2", "4", "6", "8", "9", "12", "16", "1-8", "9-16")
RANGES = ("1-8", "9-16")


def _read(model: str, length: str) -> str:
    """Strips of a length read without any error; of a range with the standard error."""
    share = f"{{strips_{model}[sequence_accuracy][n{length}]:%1}}"
    sure = f" ± {{strips_{model}[sequence_accuracy_standard_error][n{length}]:points1}}"
    return share + sure if length in RANGES else share


READERS = Table(
    ("digits", *LENGTHS, "minutes"),
    tuple(
        (f"`--model {model}`", *(_read(model, length) for length in LENGTHS), f"{{strips_{model}[minutes_taken]:.1f}}")
        for model in ("crnn", "cnn")
    ),
)

TABLES = (FIGURES, CELLS, FAMILIES, READERS)


def numbers(value: Any) -> Any:
    """What a line of results.jsonl holds, with numbers that know their forms."""
    if isinstance(value, dict):
        return {key: numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [numbers(each) for each in value]
    return Nothing() if value is None else Number(value + 0.0) if isinstance(value, int | float) else value


def _are_numbers(value: Any) -> bool:
    """Whether it is a list of at least two, such as what each seed reached."""
    return isinstance(value, list) and len(value) > 1 and all(isinstance(one, int | float) for one in value)


def named_lines() -> dict[str, Any]:
    """The lines of results.jsonl that the README shows, by their names; beside lists of numbers mean and its error."""
    found: dict[str, Any] = {}
    for line in RESULTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if (name := row.pop("readme", None)) is not None:
            if name in found:
                sys.exit(f"two lines of {RESULTS.name} are called {name}")
            several = {key: of for key, of in row.items() if _are_numbers(of)}
            row |= {f"{key}_mean": statistics.mean(of) for key, of in several.items()}
            row |= {f"{key}_error": statistics.stdev(of) / len(of) ** 0.5 for key, of in several.items()}
            found[name] = numbers(named_now({FORMER_NAMES.get(key, key): value for key, value in row.items()}))
    return found


def main(words: list[str]) -> None:
    """Print the tables, or put them into the README."""
    lines, text = named_lines(), README.read_text(encoding="utf-8")
    for table in TABLES:
        drawn = table.drawn(lines)
        if words == ["--write"]:
            head = re.escape(drawn.split("\n")[0])
            text = re.sub(rf"^{head}\n(\|.*\n)+", lambda _, t=drawn: t + "\n", text, flags=re.MULTILINE)
        else:
            print(drawn, end="\n\n")
    if words == ["--write"]:
        README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
