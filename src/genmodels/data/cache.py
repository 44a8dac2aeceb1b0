"""The user's cache folder: everything in it can be made again."""

import os
import sys
from pathlib import Path

from genmodels.errors import ResourceError
from genmodels.paths import path_of

CACHE_HINT = "free some space, or set GENMODELS_CACHE to a folder that can be written."


def cache_folder() -> Path:
    """Where encoded corpora and image sets live: GENMODELS_CACHE, else the platform's cache folder.

    Raises:
        ResourceError: the system names no home folder.
    """
    chosen = os.environ.get("GENMODELS_CACHE")
    if chosen:
        return path_of(chosen)
    try:
        home = Path.home()
    except RuntimeError as error:
        raise ResourceError(f"there is no home folder for the cache: {error}", CACHE_HINT) from error
    if sys.platform == "win32":
        return path_of(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "genmodels" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "genmodels"
    return path_of(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "genmodels"
