import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "genmodels"
HEAVY = {"torch", "torchvision", "numpy", "matplotlib"}
LIGHT = ("genmodels", "genmodels.errors", "genmodels.settings", "genmodels.runs", "genmodels.registry",
         "genmodels.runs.checkpoint", "genmodels.runs.verifying",
         "genmodels.training.starting", "genmodels.cli.app")  # fmt: skip

# The layers, lowest first; a module imports only from its own layer or a lower one.
LAYERS = [
    {"errors", "printable", "randomness", "telling"},
    {"settings", "durable", "device"},
    {"data", "runs", "figures"},
    {"registry"},
    {"models"},
    {"sampling"},
    {"analysis"},
    {"training"},
    {"cli"},
]


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_load_nothing_heavy(module: str) -> None:
    assert not loaded_after(f"import {module}") & HEAVY


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["train-text", "--help"], ["runs", "list"]])
def test_reading_commands_load_nothing_heavy(arguments: list[str]) -> None:
    code = f"sys.argv = ['genmodels', *{arguments!r}]\nfrom genmodels.__main__ import main\nmain()"
    found = loaded_after(code)
    assert not found & HEAVY
    if arguments == ["--version"]:
        assert "typer" not in found


def layer_of(part: str) -> int | None:
    return next((n for n, names in enumerate(LAYERS) if part in names), None)


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    return {m.split(".")[1] for m in modules if m.startswith("genmodels.") and len(m.split(".")) > 1}


def test_imports_point_down_and_never_up() -> None:
    for path in SOURCE.rglob("*.py"):
        part = path.relative_to(SOURCE).with_suffix("").parts[0]
        own = layer_of(part)
        if own is None:
            assert part in {"__init__", "__main__"}, f"{path} stands in no layer"
            continue
        for used in imports_of(path):
            wanted = layer_of(used)
            assert wanted is not None, f"{path} imports {used}, which stands in no layer"
            assert wanted <= own, f"{path} imports genmodels.{used}, which stands above it"


def test_nothing_unpickles() -> None:
    banned = {"pickle", "marshal", "shelve", "dill", "joblib"}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {a.name for a in node.names} & banned, path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"torch.load", "torch.save", "np.load", "eval", "exec"}, f"{path}: {called}"


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
