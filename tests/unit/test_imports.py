import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unit.importing import Tree, acquaintances, circles, strays, unknown_modules, users_of
from unit.shape import nodes_of

SOURCE = Path(__file__).parents[2] / "src" / "genmodels"
TREE = Tree.of(SOURCE)
HEAVY = {"torch", "torchvision", "numpy", "matplotlib"}

# The layers, lowest first; a module imports only from its own layer or a lower one.
LAYERS = [
    {"chance", "errors", "printable", "randomness", "spreadsheets", "telling"},
    {"interpreter", "limits", "look", "marks", "meeting", "ordinary", "paths", "processes", "rows", "streams"},
    {"settings", "device", "drawing", "durable", "leftovers", "locks"},
    {"data", "runs", "figures", "named_files"},
    {"family", "exhibit", "bytewise"},
    {"models"},
    {"sampling"},
    {"analysis"},
    {"training"},
    {"families", "cli"},
    {"diagnosis", "exports", "pages"},
    {"touring"},
    {"commands", "api"},
    {"app"},
]
# The package itself hands out lazy names; __main__ starts the program.
OUTSIDE = {"", "__main__"}
STRANGERS = [("families", "cli")]  # they stand side by side
TERMINAL = {"cli", "commands", "app"}  # who may import Typer and Rich
LIGHT = ["", "errors", "limits", "look", "ordinary", "paths", "printable", "processes", "streams", "telling",
         "settings", "runs", "family", "exhibit", "families", "cli", "diagnosis", "exports", "touring",
         "commands", "api", "app"]  # fmt: skip
LIGHT_FILES = ["training.starting"]


def light_modules(part: str) -> list[str]:
    return [module for module in TREE.files if TREE.part(module) == part and part != "__main__"]


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("part", [part for part in LIGHT if light_modules(part)])
def test_light_modules_load_nothing_heavy(part: str) -> None:
    assert not loaded_after(f"import {', '.join(light_modules(part))}") & HEAVY


@pytest.mark.parametrize("module", LIGHT_FILES)
def test_light_files_of_a_heavy_layer_load_nothing_heavy(module: str) -> None:
    assert not loaded_after(f"import genmodels.{module}") & HEAVY


@pytest.mark.parametrize("part", [part for part in LIGHT if light_modules(part) and part not in TERMINAL])
def test_what_is_no_command_line_loads_neither_typer_nor_rich(part: str) -> None:
    assert not loaded_after(f"import {', '.join(light_modules(part))}") & {"typer", "rich"}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["train-text", "--help"], ["runs", "list"]])
def test_reading_commands_load_nothing_heavy(arguments: list[str]) -> None:
    code = f"sys.argv = ['genmodels', *{arguments!r}]\nfrom genmodels.__main__ import main\nmain()"
    found = loaded_after(code)
    assert not found & HEAVY
    if arguments == ["--version"]:
        assert "typer" not in found


def test_the_help_loads_nothing_of_the_diagnosis() -> None:
    code = (
        "import sys; sys.argv = ['genmodels', '--help']\n"
        "from genmodels.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*[name for name in sys.modules if name.startswith('genmodels.diagnosis')], 'end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "end"


def test_imports_point_down_and_never_up() -> None:
    assert strays(TREE, LAYERS, OUTSIDE) == []


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles(TREE, OUTSIDE) == []


def test_parts_that_stand_side_by_side_do_not_know_each_other() -> None:
    assert acquaintances(TREE, STRANGERS) == []


def test_every_module_that_a_text_names_is_there() -> None:
    assert unknown_modules(TREE) == []


def test_only_the_command_line_imports_typer_and_rich() -> None:
    assert users_of(TREE, {"typer", "rich"}) <= TERMINAL


@pytest.fixture
def planted(tmp_path: Path):
    """Make a small package whose layers are low, middle and high, left and right."""

    def plant(**files: str) -> Tree:
        for name in ("low", "middle", "high"):
            (tmp_path / "pack" / name).mkdir(parents=True, exist_ok=True)
        always = dict.fromkeys(("", "low", "middle", "high", "low__a", "middle__b"), "")
        for name, text in (always | files).items():
            path = tmp_path / "pack" / name.replace("__", "/")
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            path.write_text(text, encoding="utf-8")
        return Tree.of(tmp_path / "pack")

    return plant


PLANTED_LAYERS = [{"low"}, {"middle"}, {"high", "left", "right"}]


def test_a_tree_that_is_in_order_is_left_alone(planted) -> None:
    tree = planted(
        middle__b="from pack.low import a\nimport os.path\nfrom ..low.a import x\nNAME = 'pack.low.a:x'\n",
        high__c="import pack.middle.b\nfrom . import d\n",
        high__d="from pack import __version__\n",
    )
    assert strays(tree, PLANTED_LAYERS, OUTSIDE) == []
    assert circles(tree, OUTSIDE) == []
    assert unknown_modules(tree) == []
    assert acquaintances(tree, [("left", "right")]) == []


@pytest.mark.parametrize(
    "line",
    [
        "from pack.middle.b import x",
        "from pack.middle import b",
        "from pack import middle",
        "import pack.middle.b",
        "import os, pack.middle.b as other",
        "from ..middle import b",
        "from ..middle.b import x",
        "from .. import middle",
        "TASK = 'pack.middle.b:prepare'",
        "LAZY = {'x': 'pack.middle.b'}",
        "def f():\n    from pack.middle.b import x",
        "def f():\n    import pack.middle.b",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pack.middle.b import x",
    ],
)
def test_the_guard_finds_an_import_that_points_up(planted, line: str) -> None:
    (found,) = strays(planted(low__a=line), PLANTED_LAYERS, OUTSIDE)
    assert found.startswith("pack.low.a:")
    assert found.endswith("which stands above it")


@pytest.mark.parametrize("line", ["from . import b", "from .b import x", "import pack.middle.b"])
def test_a_package_s_own_file_may_import_its_neighbours(planted, line: str) -> None:
    assert strays(planted(middle=line), PLANTED_LAYERS, OUTSIDE) == []


def test_the_guard_finds_what_stands_in_no_layer(planted) -> None:
    found = strays(planted(stray="import pack.low", middle__b="import pack.stray"), PLANTED_LAYERS, OUTSIDE)
    assert found == ["pack.middle.b:1 imports pack.stray, which stands in no layer", "pack.stray stands in no layer"]


@pytest.mark.parametrize("line", ["from pack.right import x", "import pack.right", "X = 'pack.right:x'"])
def test_the_guard_finds_strangers_who_know_each_other(planted, line: str) -> None:
    tree = planted(left=line, right="")
    assert strays(tree, PLANTED_LAYERS, OUTSIDE) == []
    assert acquaintances(tree, [("left", "right")]) == ["pack.left:1 imports pack.right, which it must not know"]
    assert acquaintances(tree, [("right", "left")]) == ["pack.left:1 imports pack.right, which it must not know"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from pack.low.b import x", "from pack.low.a import y"),
        ("from pack.low import b", "def f():\n    from . import a"),
        ("import pack.low.b", "TASK = 'pack.low.a:y'"),
    ],
)
def test_the_guard_finds_a_circle_of_files(planted, first: str, second: str) -> None:
    assert circles(planted(low__a=first, low__b=second), OUTSIDE) == [["pack.low.a", "pack.low.b"]]


def test_the_guard_finds_a_circle_of_three_and_one_through_a_package(planted) -> None:
    tree = planted(
        low__a="import pack.low.c", low__c="import pack.low.d", low__d="import pack.low.a",
        middle="from pack.middle.b import x", middle__b="from pack.middle import y",
    )  # fmt: skip
    assert circles(tree, OUTSIDE) == [["pack.low.a", "pack.low.c", "pack.low.d"], ["pack.middle", "pack.middle.b"]]


@pytest.mark.parametrize("text", ["pack.low.gone:f", "pack.nothing", "pack.low.a.f:g"])
def test_the_guard_finds_a_text_that_names_no_module(planted, text: str) -> None:
    name = text.partition(":")[0]
    assert unknown_modules(planted(middle__b=f"T = '{text}'")) == [f"pack.middle.b:1 names {name}, which is no module"]


@pytest.mark.parametrize("line", ["import typer", "from rich.table import Table", "def f():\n    import rich.box"])
def test_the_guard_finds_who_uses_a_library(planted, line: str) -> None:
    assert users_of(planted(middle__b=line), {"typer", "rich"}) == {"middle"}
    assert users_of(planted(middle__b="import richer, typing"), {"typer", "rich"}) == set()


def test_nothing_unpickles() -> None:
    banned = {"pickle", "marshal", "shelve", "dill", "joblib"}
    for path in SOURCE.rglob("*.py"):
        for node in nodes_of(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & banned, path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"torch.load", "torch.save", "np.load", "eval", "exec"}, f"{path}: {called}"


def test_no_shell_is_started_and_no_plug_in_is_looked_for() -> None:
    shells = {"os.system", "os.popen", "os.startfile", "subprocess.getoutput", "subprocess.getstatusoutput"}
    for path in SOURCE.rglob("*.py"):
        for node in nodes_of(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in shells, f"{path}: {called}"
                assert not called.endswith(("subprocess_shell", "entry_points")), f"{path}: {called}"
                assert not {word.arg for word in node.keywords} & {"shell", "executable"}, f"{path}: {called}"


def test_the_public_names_load_when_first_used() -> None:
    import genmodels

    for name in genmodels.__all__:
        assert getattr(genmodels, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = genmodels.nothing


@pytest.mark.parametrize(("given", "expected"), [(None, "20000"), ("7", "7")])
def test_the_command_line_keeps_waiting_threads_from_spinning_unless_the_user_says_how(
    given: str | None, expected: str
) -> None:
    code = (
        "import os, sys; sys.argv = ['genmodels', '--version']\n"
        "from genmodels.__main__ import main; assert 'torch' not in sys.modules; main()\n"
        "print(os.environ['GOMP_SPINCOUNT'])"
    )
    environment = {k: v for k, v in os.environ.items() if k != "GOMP_SPINCOUNT"}
    environment |= {} if given is None else {"GOMP_SPINCOUNT": given}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split()[-1] == expected
