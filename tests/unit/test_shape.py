"""The shape of the code: short functions, short files, thin commands, and a family's name in one place."""

from pathlib import Path

import pytest

from doors import FAMILIES
from unit.shape import calls_of, files_of, functions_of, line_count, quotations, share_below

SOURCE = Path(__file__).parents[2] / "src" / "genmodels"
FILES = files_of(SOURCE)
COMMANDS = {name: text for name, text in FILES.items() if Path(name).parts[0] == "commands"}
# What a command leaves to the families and to the kit that commands are made of.
NOT_IN_COMMANDS = ("choose_device", "reopen_images", "epoch_checkpoint", "to_json", "save_figure", "json.dumps")
# Names that are also what a part of a record is called: as its key they name no family.
ORDINARY_WORDS = {"text"}


def test_no_function_is_longer_than_45_lines() -> None:
    assert [function for function in functions_of(FILES) if function.lines > 45] == []


def test_nine_of_ten_functions_have_at_most_20_lines() -> None:
    assert share_below(functions_of(FILES), 0.9) <= 20


def test_no_file_is_longer_than_350_lines() -> None:
    assert {name: line_count(text) for name, text in FILES.items() if line_count(text) > 350} == {}


def test_a_command_has_at_most_120_lines_and_all_of_them_2100() -> None:
    lengths = {name: line_count(text) for name, text in COMMANDS.items()}
    assert {name: length for name, length in lengths.items() if length > 120} == {}
    assert 0 < sum(lengths.values()) <= 2100  # `runs` alone has eight commands, each with its examples


def test_commands_leave_the_work_to_others() -> None:
    assert {name: found for name, text in COMMANDS.items() if (found := calls_of(text, NOT_IN_COMMANDS))} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_name_of_a_family_is_written_at_most_twice(family: str) -> None:
    keys = family not in ORDINARY_WORDS
    found = {name: times for name, text in FILES.items() if (times := quotations(text, family, keys=keys))}
    assert sum(found.values()) <= 2, found


def test_what_trains_a_family_is_typed_in_one_place() -> None:
    assert sum(text.count('f"train-{') + text.count(" train-{") for text in FILES.values()) == 1


LONG = "def long():\n" + "    x = 1\n" * 46
NESTED = "class C:\n    async def outer(self):\n        def inner():\n            return 1\n        return inner\n"


def test_the_guard_measures_functions_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "long.py").write_text(LONG, encoding="utf-8")
    (tmp_path / "nested.py").write_text(NESTED, encoding="utf-8")
    (tmp_path / "notes.txt").write_text(LONG, encoding="utf-8")
    files = files_of(tmp_path)
    found = functions_of(files)
    assert [(f.name, f.lines) for f in found] == [("inner", 2), ("outer", 4), ("long", 47)]
    assert found[-1].file == str(Path("deep") / "long.py")
    assert line_count(files["nested.py"]) == 5
    assert (share_below(found, 0.0), share_below(found, 0.5), share_below(found, 0.9)) == (2, 4, 47)


@pytest.mark.parametrize(
    "line",
    [
        "from genmodels.device import choose_device\nchoose_device('cpu')",
        "import genmodels.device as d\nd.choose_device('cpu')",
        "import json\ndef f():\n    print(json.dumps({}))",
        "x = [run.epoch_checkpoint(e).name for e in range(3)]",
        "to_json({}).decode()",
        "genmodels.figures.saving.save_figure(figure)",
        "reopen_images({}, print)",
    ],
)
def test_the_guard_finds_a_call_that_belongs_elsewhere(line: str) -> None:
    assert len(calls_of(line, NOT_IN_COMMANDS)) == 1


@pytest.mark.parametrize("line", ["dumps({})", "choose(device)", "x = choose_device", "'to_json()'", "json.loads('1')"])
def test_the_guard_leaves_other_calls_alone(line: str) -> None:
    assert calls_of(line, NOT_IN_COMMANDS) == []


def test_the_guard_counts_quoted_names_and_not_keys_of_records() -> None:
    text = "FAMILY = 'sound'\nTABLE = {'sound': 1}\nrow['sound']\nrow.get('sound')\nf('sounds', sound)\n# 'sound'\n"
    assert quotations(text, "sound") == 4
    assert quotations(text, "sound", keys=False) == 1
    assert quotations("open_run(kind='sound')\nx == 'sound'\nf(x, 'sound')", "sound", keys=False) == 3
