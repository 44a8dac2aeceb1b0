"""Command lines that can't be read are answered in this program's words, whatever the library underneath says."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.mistakes import check
from cli.test_help import COMMANDS, GROUPS
from doors import Cli
from genmodels.app import build_app
from genmodels.cli import misuse
from genmodels.cli.parsing import comma_told, epochs_of, epochs_to_keep, numbers_of, parse_epoch
from genmodels.errors import UsageError
from made_runs import made_run

LIBRARY = re.compile(  # how Typer, Click, Pydantic and argparse begin to speak
    r"Input should|unable to parse|valid (?:integer|number|string|boolean)|Got unexpected|[Nn]o such (?:option|command)"
    r"|Possible options|Invalid value|requires an? argument|does not take a value|Missing (?:argument|option|command)"
    r"|Try '|Usage:|Value must|is not one of|invalid choice|unrecognized arguments|expected one argument"
    r"|can't be used so"
)
LEAVES = [name for name in COMMANDS if name not in GROUPS]


@cache
def the_app() -> Any:
    """All commands, built once, as building them takes longer than being refused by them."""
    return typer.main.get_command(build_app())


def command_of(name: str) -> Any:
    """A command as Typer knows it."""
    found = the_app()
    for word in name.split():
        found = found.get_command(None, word)
    return found


def bounds_of(option: Any) -> Iterator[str]:
    """Values just beyond an option's range, where it has one."""
    yield from (str(low - 1) for low in [getattr(option, "min", None)] if low is not None)
    yield from (str(high + 1) for high in [getattr(option, "max", None)] if high is not None)


def misuses_of(name: str) -> Iterator[list[str]]:
    """Lines that the library refuses: a typo, words too many, no value, a value of a switch, one beyond a range."""
    yield ["--nosuch"]
    yield ["-Z"]
    command = command_of(name)
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    if not any(p.nargs == -1 for p in command.params if p.param_type_name == "argument"):
        yield ["one", "two", "three words"]
    values = [p for p in options if not p.is_flag]
    switches = [p for p in options if p.is_flag]
    yield [values[0].opts[0]]
    yield [f"{switches[0].opts[0]}=1"]
    for option in values:
        yield from ([option.opts[0], value] for value in bounds_of(option))


def kinds_of(name: str) -> Iterator[list[str]]:
    """Options that take a number, with a word, and with a decimal comma."""
    command = command_of(name)
    for option in command.params:
        kind = str(option.display_type_rich(ctx=typer.Context(command)))
        if re.match(r"<(?:int|float)", kind):
            yield [option.opts[0], "x"]
            yield [option.opts[0], "0,5"]


@pytest.mark.parametrize("name", LEAVES)
def test_no_misuse_is_answered_in_the_librarys_words(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("genmodels.app.build_app", lambda _: the_app())
    monkeypatch.setattr("genmodels.app.every_command", the_app)
    lines = [*misuses_of(name), *kinds_of(name)]
    for line in lines:
        outcome = cli(*name.split(), *line)
        check(outcome, 2, "")
        assert not LIBRARY.search(outcome.err), f"{name} {line}: {outcome.err}"


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        (
            "train-vae mnist",
            "genmodels train-vae does not know what to do with 'mnist'",
            "did you mean --dataset mnist?",
        ),
        (
            "sample-images game",
            "genmodels sample-images does not know what to do with 'game'",
            "did you mean --run game?",
        ),
        ("sample-text --temp 0.25 0.75", "sample-text does not know what to do with '0.75'", "write --temp 0.25,0.75 "),
        ("reconstruct --epochs 1, 10, 20", "does not know what to do with '10, 20'", "write --epochs 1,10,20 without"),
        ("sample-text --prompt the cat sat", "what to do with 'cat sat'", 'write --prompt "the cat sat" with quotes'),
        (
            "runs list all of",
            "genmodels runs list does not know what to do with 'of'",
            "genmodels runs list --help shows",
        ),
        ("train-vae --epochs", "--epochs needs a value", "write it behind --epochs; genmodels train-vae --help shows"),
        ("train-vae --json=1", "--json takes no value", "write --json alone."),
        (
            "train-vae --learning-rate 0,003",
            "'0,003' is not a number, as it has a comma",
            "write --learning-rate 0.003.",
        ),
        ("train-vae --epochs 1.5", "--epochs '1.5' is not a whole number", "give --epochs a whole number, such as 20."),
        ("read-image --beam-width 1", "--beam-width is 1, but it must be from 2 to 10,000", "try --beam-width 2."),
        ("read-image --strips 0", "--strips is 0, but it must be 1 or more", "try --strips 1."),
        ("sample-images --count 0", "--count is 0, but it must be from 1 to 10,000", "try --count 64."),
        ("train-vae --latent-size 0", "--latent-size is 0, but it must be ", "try --latent-size 32."),
        ("train-vae --model cnn", "--model 'cnn' is unknown (known: mlp, conv)", "did you mean conv?"),
        ("train-gan --loss wgan", "--loss 'wgan' is unknown", "did you mean wasserstein-gp?"),
        ("train-gan --model zzz", "--model 'zzz' is unknown", "choose one of: dcgan, mlp."),
        ("reconstruct --count 2", "there is no option --count", "did you mean --images?"),
        (
            "plot-elbo --count 2",
            "genmodels plot-elbo has no --count",
            "leave it out; sample-text, complete, sample-images and 1 more have it.",
        ),
        (
            "plot-elbo --threads 1",
            "genmodels plot-elbo has no --threads",
            "leave it out, as it computes nothing with a network; train-vae, reconstruct, plot-latent and ",
        ),
        (
            "runs list --seed 1",
            "genmodels runs list has no --seed",
            "leave it out; train-text, sample-text, judge-text and",
        ),
        ("report --device cpu", "genmodels report has no --device", "leave it out; train-text, "),
        ("plot-gan --mic", "there is no option --mic", "genmodels plot-gan --help shows how it is used."),
        ("reconstruct --tmep 2 --imgaes 3", "there is no option --tmep", "genmodels reconstruct --help shows"),
        ("train-text --lr 0.1", "there is no option --lr", "did you mean --learning-rate?"),
        ("train-vae --bs 8", "there is no option --bs", "did you mean --batch-size?"),
        ("train-text --num_layers 2", "there is no option --num_layers", "did you mean --layers?"),
        ("train-text --temperature 2", "there is no option --temperature", "did you mean --sample-temp?"),
        ("sample-text --temperature 2", "there is no option --temperature", "did you mean --temp?"),
        ("sample-text --tmep 2", "there is no option --tmep", "did you mean --temp?"),
        ("compare-images --run a --run=b", "there is no option --run", "leave it out: genmodels compare-images a b"),
        ("runs show --run a", "there is no option --run", "leave it out: genmodels runs show a"),
        ("train-text --corpus a.txt", "there is no option --corpus", "leave it out: genmodels train-text a.txt"),
        ("runs prune a --dry-run", "there is no option --dry-run", "leave it out: genmodels runs prune shows what it "),
        ("runs remove a --dry-run", "there is no option --dry-run", "leave it out: genmodels runs remove shows what"),
        ("runs list --dry-run", "there is no option --dry-run", "genmodels runs list --help shows how it is used."),
        ("trane-vae", "there is no command 'trane-vae'", "did you mean train-vae?"),
        ("runs lst", "there is no command 'lst'", "did you mean list?"),
        ("zzz", "there is no command 'zzz'", "genmodels --help shows how it is used."),
    ],
)
def test_a_misuse_names_what_was_typed_and_what_was_likely_meant(cli: Cli, line: str, error: str, hint: str) -> None:
    outcome = cli(*line.split())
    check(outcome, 2, error)
    assert f"hint: {hint}" in outcome.err


def test_a_complaint_that_is_not_known_is_still_a_sentence_with_a_hint() -> None:
    told = misuse.told(typer.TyperException("Something new"), ["train-vae"])
    assert (told.what, told.hint) == (
        "genmodels train-vae can't be used so",
        "genmodels train-vae --help shows how it is used.",
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0,25", "is a list of 0 and 25; for a single number write --temp 0.25"),
        ("0,25,0,75", "is a list of 0, 25, 0 and 75; for decimal commas write --temp 0.25,0.75"),
        ("0.25,1", None), ("1", None), ("1,2,3", None), ("a,b", None), ("", None),
    ],
)  # fmt: skip
def test_decimal_commas_are_suspected_where_no_number_has_a_point(typed: str, told: str | None) -> None:
    said = comma_told("--temp", typed)
    assert said == (None if told is None else f"--temp {typed} {told}")


def test_a_decimal_comma_is_a_note_and_the_list_is_used_as_typed(cli: Cli, trained: Path) -> None:
    outcome = cli("sample-text", "--temp", "0,1", "--length", "5")
    assert outcome.code == 0, outcome.err
    assert "note: --temp 0,1 is a list of 0 and 1; for a single number write --temp 0.1" in outcome.err
    assert "temperature 1" in outcome.out
    assert "--temp 0,1 is a list" in cli("judge-text", "--temp", "0,1", "--length", "100").err


@pytest.mark.parametrize(
    "name", [name for name in LEAVES if name not in {"doctor", "tour"} and not name.startswith("runs ")]
)
def test_what_computes_can_be_told_its_threads(name: str) -> None:
    """The other plots read what a training recorded; the trainings of a tour have one thread each."""
    known = {option for p in command_of(name).params for option in p.opts}
    computes = name not in {"plot-curve", "plot-elbo", "plot-gan"}
    assert ("--threads" in known) == computes
    assert computes or "--device" not in known


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_takes_what_all_take(name: str) -> None:
    assert {"--runs", "--json", "--quiet", "-q", "--debug"} <= {
        option for p in command_of(name).params for option in p.opts
    }


def test_the_commands_around_runs_are_quiet_where_that_is_asked_for(cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        made_run(tmp_path, name)
    for line in ("note a", "note a mine", "prune a --yes", "rename a c", "compare b c", "verify b", "remove b --yes"):
        outcome = cli("runs", *line.split(), "--runs", tmp_path, "-q")
        assert (outcome.code, outcome.err) == (0, ""), line


@pytest.mark.parametrize(
    ("typed", "meant"), [("3,17", [3, 17]), ("0-3", [0, 1, 2, 3]), ("9,0-2,1", [9, 0, 1, 2]), (None, None)]
)
def test_numbers_are_given_one_by_one_or_in_ranges(typed: str | None, meant: list[int] | None) -> None:
    assert numbers_of("--images", typed) == meant


@pytest.mark.parametrize(("parse", "told"), [
    (epochs_of, "1,2 or 1-2, a part of an epoch such as 0.5, latest or all; without --epochs it is the best."),
    (parse_epoch, "give --epoch 1, a part of an epoch such as 0.5, or latest; without --epoch it is the best."),
    (epochs_to_keep, "1,2 or 1-2, or parts of epochs; the best and the last stay in any case."),
])  # fmt: skip
def test_who_asks_for_the_best_epoch_by_a_word_is_told_how_it_is_had(parse: Callable[[str], object], told: str) -> None:
    with pytest.raises(UsageError, match="'best' is not an epoch") as caught:
        parse("best")
    assert str(caught.value.hint).endswith(told)


@pytest.mark.parametrize("group", [(), ("runs",), ("find-rate",)])
def test_a_group_without_a_command_shows_its_help_and_no_error(cli: Cli, group: tuple[str, ...]) -> None:
    found = cli(*group)
    assert found.code == 2
    assert (found.out, "error:" in found.err, "hint:" in found.err) == ("", False, False)
    assert found.err.startswith("Usage: genmodels")
