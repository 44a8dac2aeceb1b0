"""matplotlib, loaded whatever the user's own settings of it say."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

BACKEND, SETTINGS = "MPLBACKEND", "MATPLOTLIBRC"


def load_matplotlib() -> None:
    """Import matplotlib; what is wrong with its settings neither stops the import nor reaches the screen.

    The user's own plots keep their settings: a MPLBACKEND that names a backend is obeyed as ever, and a matplotlibrc
    that can be read is read. Figures here use neither: see `genmodels.figures.style`.
    """
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop(BACKEND, None)
    try:
        with quiet(), warnings.catch_warnings(action="ignore"):
            _import_it()
            import matplotlib

            matplotlib.get_configdir()  # a folder that can't be written is told of when it is first asked for
            matplotlib.get_cachedir()
            if backend:
                with suppress(ValueError):  # names no backend
                    matplotlib.rcParams["backend"] = backend
    finally:
        if backend is not None:
            os.environ[BACKEND] = backend


def _import_it() -> None:
    try:
        import matplotlib
    except (OSError, ValueError):  # a matplotlibrc that can't be opened, or is no UTF-8
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]  # a half of it
        with _default_settings():
            import matplotlib  # noqa: F401


@contextmanager
def _default_settings() -> Iterator[None]:
    """Let matplotlib find its own matplotlibrc before any other: it looks in the current folder first."""
    found, named = find_spec("matplotlib"), os.environ.pop(SETTINGS, None)
    assert found is not None
    assert found.origin is not None
    try:
        with chdir(Path(found.origin).parent / "mpl-data"):
            yield
    finally:
        if named is not None:
            os.environ[SETTINGS] = named


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what matplotlib logs about its settings, folders and fonts from the screen."""
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
