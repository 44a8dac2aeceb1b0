"""Another Python process that runs a module of ours: it finds the packages that this one finds."""

import os
import sys
from collections.abc import Iterable


def python_running(module: str, *arguments: str, without: Iterable[str] = ()) -> tuple[list[str], dict[str, str]]:
    """A command line and its environment; nothing is taken out of the current folder.

    Args:
        module: of this package, or the package itself.
        arguments: it is given.
        without: variables of the environment that it does not get.
    """
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109 - as Python itself means ""
    left_out = set(without)
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return [sys.executable, "-P", "-m", module, *arguments], {
        **kept, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"
    }  # fmt: skip
