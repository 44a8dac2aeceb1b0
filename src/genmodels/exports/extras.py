"""Packages that an export needs and genmodels alone does not bring: optional extras."""

from collections.abc import Iterator
from contextlib import contextmanager

from genmodels.errors import ResourceError


@contextmanager
def needed(extra: str, *packages: str) -> Iterator[None]:
    """Around imports of an extra's packages.

    Args:
        extra: its name.
        packages: it brings.

    Raises:
        ResourceError: one is not installed, or can't be loaded.
    """
    try:
        yield
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        hint = f"type: pip install 'genmodels[{extra}]'"
        if isinstance(error, ModuleNotFoundError) and name in packages:
            raise ResourceError(f"this export needs the package {name}, which is not installed", hint) from error
        raise ResourceError(f"{' and '.join(packages)} can't be loaded: {error}", f"mend it; {hint}") from error
