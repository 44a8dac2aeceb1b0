"""Another Python process that runs a module of ours: it finds the packages that this one finds."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def python_running(module: str, *arguments: str, without: Iterable[str] = ()) -> tuple[list[str], dict[str, str]]:
    """A command line and its environment; nothing is taken out of the current folder because it is the current one.

    Our own package is found wherever it lies, after all else.

    Args:
        module: of this package, or the package itself.
        arguments: it is given.
        without: variables of the environment that it does not get.
    """
    paths = [path for path in sys.path if path not in {"", "."}]  # both mean the current folder
    home = str(Path(__file__).resolve().parents[1])
    found = os.pathsep.join(paths if home in paths else [*paths, home])
    left_out = set(without)
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return [sys.executable, "-P", "-m", module, *arguments], {
        **kept, "PYTHONPATH": found, "PYTHONIOENCODING": "utf-8"
    }  # fmt: skip
