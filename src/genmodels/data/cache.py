"""The user's cache folder: everything in it can be made again."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Where encoded corpora and image sets live: GENMODELS_CACHE, else the platform's cache folder."""
    chosen = os.environ.get("GENMODELS_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "genmodels" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "genmodels"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genmodels"
