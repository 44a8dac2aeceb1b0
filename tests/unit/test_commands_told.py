"""Lines on a screen break between words, and never in a command that a person could copy."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from genmodels.app import build_app
from genmodels.cli.console import COMMAND, broken
from unit.shape import nodes_of
from unit.test_shape import FILES

TOLD = [
    ("hint: {} shows it.", "genmodels runs list"),
    ("note: there are others ({} shows them) and more", "genmodels runs list --runs 'a b'"),
    ("hint: {} goes on with it; leave it out to begin another one.", "genmodels train-text --resume cmp"),
    ("hint: {} begins it again.", """genmodels train-text --resume 'it'"'"'s here'"""),
    ("hint: no epoch's weights are whole; {} goes on, and makes more.", "genmodels train-gan --resume runs/a"),
    ("hint: {} shows how it is used.", "genmodels plot-curve --help"),
    ("hint: a new run of {} that keeps more", "genmodels train-vae --epochs 10 --name b"),
    ("next: {}", "genmodels runs compare a b --out curves.png"),
    ("hint: leave --classes out; for a run that takes them: {}", "genmodels train-vae --conditional."),
]
WORDS = ["a", "sentence", "漢字", "(see", "wide," + "x" * 12, *(command for _, command in TOLD[:6])]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", "  "])), max_size=30), st.integers(10, 80))
def test_a_line_is_broken_between_words_and_never_in_a_command(said: list[tuple[str, str]], width: int) -> None:
    text = "".join(word + blanks for word, blanks in said).rstrip()
    place = 0
    for line in broken(text, width):
        begin = text.index(line, place)  # with its own blanks
        assert not text[place:begin].strip()
        place = begin + len(line)
        assert cell_len(line) <= width or line in WORDS
    assert place == len(text)


@pytest.mark.parametrize(("sentence", "command"), TOLD)
def test_a_command_to_type_stays_whole_and_what_is_around_it_does_not(sentence: str, command: str) -> None:
    assert re.findall(COMMAND, sentence.format(command)) == [command]
    (whole,) = (line for line in broken(sentence.format(command), 20) if "genmodels" in line)
    assert whole.strip("(") == command


def test_a_screen_is_measured_in_columns_and_blanks_within_a_line_stay() -> None:
    assert broken("漢字 漢字 漢字", 9) == ["漢字 漢字", "漢字"]
    assert broken("  indented, and  more of it", 16) == ["  indented, and", "more of it"]
    assert broken("two  blanks that stay", 30) == ["two  blanks that stay"]


def sentences_of(text: str) -> Iterator[str]:
    """What a file's texts say, each value in them as a word; its documentation is none of them."""
    nodes = nodes_of(text)
    passed_over = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            passed_over |= {id(part) for part in node.values}
            yield "".join(part.value if isinstance(part, ast.Constant) else "VALUE" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed_over:
            yield node.value.replace("{}", "VALUE")


@cache
def switches_of(command: str) -> set[str]:
    """The options without values of a command as it is told; none where its name is a value."""
    node: Any = typer.main.get_command(build_app())
    for word in command.split()[1:3]:
        node = getattr(node, "commands", {}).get(word, node)
    return {name for option in node.params if getattr(option, "is_flag", False) for name in option.opts}


def unclear_in(sentence: str) -> list[str]:
    """Commands in a sentence that do not show where they end: arguments, or a word behind a switch."""
    if "\n" in sentence:  # a help, with its examples
        return []
    return [
        match[0]
        for match in re.finditer(COMMAND, sentence)
        if sentence[match.start() - 2 : match.start()] != ": " or sentence.startswith("hint: ")
        if re.match(r" (VALUE|--)", sentence[match.end() :]) or switches_of(match[0]) & {*shlex.split(match[0])[:-1]}
    ]


@pytest.mark.parametrize("file", [name for name, text in FILES.items() if "genmodels " in text])
def test_commands_of_which_the_end_is_not_seen_stand_after_a_colon(file: str) -> None:
    assert [found for sentence in sentences_of(FILES[file]) for found in unclear_in(sentence)] == []


@pytest.mark.parametrize(
    "sentence", ["genmodels eval-text VALUE says", "hint: genmodels train-vae --conditional makes one"]
)
def test_the_guard_finds_a_command_that_does_not_show_its_end(sentence: str) -> None:
    assert len(unclear_in(sentence)) == 1
    assert unclear_in(sentence.replace("genmodels", "for that: genmodels").removeprefix("hint: ")) == []
