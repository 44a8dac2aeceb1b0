"""Hostile command lines, made by a seed: every command and every option, with values that nobody should type."""

import os
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from doors import build_app

DIGITS = "9" * 400
NUMBERS = (
    DIGITS,
    f"-{DIGITS}",
    f"0.{DIGITS}",
    f"{DIGITS}.5",
    "9" * 5000,
    "1e400",
    "-1e400",
    "1e-400",
    "nan",
    "-inf",
    "inf",
    "-0",
    "0",
    "-1",
    "0x10",
    "1_0",
    "٣",
    "²",
    "1,5",
    "",
    " ",
    "+1",
    "1e3",
    "99999999999",
    "18446744073709551616",
    "1.5",
    "--1",
)
LISTS = (
    f"1,{DIGITS}",
    f"1-{DIGITS}",
    f"{DIGITS}-1",
    "1-99999999",
    "1-",
    "-1-2",
    ",",
    "1,,2",
    "5-1",
    "0.5,0.5,0.5",
    "1;2",
    "latest,all",
    f"0.{'1' * 400}",
    "1-2-3",
    f"{DIGITS}.{DIGITS}",
    ",".join(["1"] * 500),
)
NAMES = (
    "g\x1b]0;x\x07",
    "v{b}",
    "{",
    "{0.__class__}",
    "[red]x[/]",
    "[/]",
    "a\nb\nerror: c",
    "a\r\tb",
    "\udcff\udce9",
    "\u202egnp",
    "\x9b31m",
    "\x7f",
    "x" * 300,
    "x" * 6000,
    "-",
    "--",
    "..",
    "/",
    ".",
    "~",
    "~nobody/x",
    "%s%n",
    "CON",
    "last",
    "a/b",
    "*",
    "[",
    "**/**",
    "\\",
    "'",
    '"',
    "$(x)",
    "`x`",
    ";",
    "\ud800",
    "\u2028x",
    "e\u0301",
    "\U000e0041",
    "good",
    "goo",
)
ENCODINGS = (
    "rot13",
    "zlib",
    "hex",
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "utf-7",
    "utf_16",
    "\udcff",
    "a" * 5000,
    "../x",
    "utf-8\n",
    "mbcs",
    "raw_unicode_escape",
    "utf-8-sig",
    "cp037",
)
WORDS = (
    "rnn",
    "mnist",
    "cpu",
    "cuda:99999999999999999999",
    "cuda:-1",
    "cuda:٣",
    "auto",
    "1x1",
    f"{DIGITS}x1",
    "0x0",
    "9s",
    f"{DIGITS}s",
    "validation",
    "640x480",
    "nats",
    "1e400s",
    "steps",
    "all",
    "latest",
    "best",
)
FILES = (
    "pipe",
    "zero",
    "random",
    "full",
    "null",
    "socket",
    "folder",
    "dangling",
    "circle",
    "deep.toml",
    "deep.json",
    "huge.toml",
    "huge.json",
    "bytes.toml",
    "nan.json",
    "odd.toml",
    "zeros.toml",
    "object.npz",
    "text.npz",
    "empty",
    "corpus.txt",
    "set.npz",
    "runs/good",
    "runs/good/run.json",
    "runs/good/checkpoints",
    "runs/bad",
    "missing/x",
    "corpus.txt/x",
    "steer.txt",
    "x.png",
    "no.xyz",
    "/proc/self/mem",
    "/dev/tty",
    "deep.csv",
    "x.gif",
    "x.csv",
    "x.json",
    "hex.toml",
)
POOLS = (NUMBERS, LISTS, NAMES, ENCODINGS, WORDS, FILES)
SMALL = {  # so that a line that is right after all is done at once
    "train-text": ("corpus.txt", "--hidden-size", "4", "--embedding-size", "2", "--epochs", "1"),
    "train-vae": ("--dataset", "set.npz", "--hidden-size", "4"),
    "train-gan": ("--dataset", "set.npz", "--channels", "2"),
    "train-pixelrnn": ("--dataset", "set.npz", "--channels", "3"),
    "train-reader": ("--dataset", "set.npz", "--channels", "2", "--hidden-size", "4"),
    "train-speech": ("--dataset", "words"),
    "find-rate text": ("corpus.txt", "--hidden-size", "4", "--embedding-size", "2"),
    "find-rate speech": ("--dataset", "words"),
    **{f"find-rate {family}": ("--dataset", "set.npz") for family in ("vae", "gan", "pixelrnn", "reader")},
}
ENVIRONMENT = (
    "GENMODELS_RUNS",
    "GENMODELS_CACHE",
    "COLUMNS",
    "WORLD_SIZE",
    "RANK",
    "LOCAL_RANK",
    "HOME",
    "XDG_CACHE_HOME",
    "NO_COLOR",
    "TERM",
    "CUDA_VISIBLE_DEVICES",
    "GENMODELS_OFFLINE",
)


@dataclass(frozen=True)
class Line:
    """A command line, and what the environment has beside it."""

    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Taken:
    """What a command takes: the names of its options, whether each is a switch, and how many arguments."""

    words: tuple[str, ...]
    options: tuple[tuple[str, bool], ...]
    arguments: int


def commands() -> list[Taken]:
    """Every command of the program."""
    return list(_below(typer.main.get_command(build_app()), ()))


def _below(command: Any, words: tuple[str, ...]) -> Iterator[Taken]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _below(inner, (*words, name))
        return
    options = [(name, p.is_flag) for p in command.params if p.param_type_name == "option" for name in p.opts]
    places = sum(p.param_type_name == "argument" for p in command.params)
    yield Taken(words, tuple(options), places)


def lines(seed: int, count: int) -> Iterator[Line]:
    """So many command lines, always the same ones for a seed."""
    chance = random.Random(seed)
    every = commands()
    for number in range(count):
        yield _line(every[number % len(every)], chance)


def _line(taken: Taken, chance: random.Random) -> Line:
    given: list[str] = []
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        name, is_switch = chance.choice(taken.options)
        if name in {"--help", "--help-all", "--open", "--debug"}:  # which draw, open a browser, or show a traceback
            continue
        given += (
            [name] if is_switch else [f"{name}={_value(chance)}"] if chance.random() < 0.2 else [name, _value(chance)]
        )
    for _ in range(taken.arguments if chance.random() < 0.6 else chance.randrange(3)):
        given.insert(chance.randrange(len(given) + 1) if chance.random() < 0.1 else 0, _value(chance))
    small = SMALL.get(" ".join(taken.words), ())
    words = [*taken.words, *(small if chance.random() < 0.97 else ()), *given]
    if chance.random() < 0.02:
        words[chance.randrange(len(words))] = _value(chance)
    environment = (
        ((chance.choice(ENVIRONMENT), _value(chance).replace("\ud800", "")),) if chance.random() < 0.08 else ()
    )
    return Line(tuple(word.replace("\0", "") for word in words), environment)


def _value(chance: random.Random) -> str:
    """A value out of one of the pools, now and then with another one inside it."""
    value = chance.choice(chance.choice(POOLS))
    if chance.random() < 0.1:
        at = chance.randrange(len(value) + 1)
        value = value[:at] + chance.choice(chance.choice(POOLS)) + value[at:]
    return value


def fill(folder: Path) -> None:
    """Everything that the lines name: pipes, devices, files that are too deep, too large or of nothing."""
    os.mkfifo(folder / "pipe")
    for name, device in (("zero", "zero"), ("random", "random"), ("full", "full"), ("null", "null")):
        (folder / name).symlink_to(f"/dev/{device}")
    here = Path.cwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    os.chdir(here)
    (folder / "folder").mkdir()
    (folder / "dangling").symlink_to("nowhere")
    (folder / "circle").symlink_to("circle")
    texts = {
        "deep.toml": "x = " + "[" * 20_000,
        "deep.json": "[" * 100_000,
        "huge.toml": f"hidden_size = {DIGITS}\n",
        "huge.json": f'{{"format": 1, "settings": {{"seed": {{"value": {DIGITS}, "from": "flag"}}}}}}',
        "nan.json": '{"settings": {"seed": {"value": NaN, "from": 3}}}',
        "zeros.toml": "a\0b = 3",
        "deep.csv": '"' * 9999,
        "odd.toml": 'model = "\\u001b]0;x\\u0007"\n"a\\nb" = 3\n',
        "hex.toml": f"seed = 0x{'f' * 6000}\n",
        "object.npz": "PK\x03\x04",
        "empty": "",
        "steer.txt": "\x1b]0;x\x07\u202e\n" * 50,
        "corpus.txt": "the cat sat on the mat\n" * 40,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "bytes.toml").write_bytes(b"\xff\xfe\0x")
    (folder / "text.npz").write_bytes(b"\x93NUMPY\x01\0\x10\0{[]:1}          \n")
