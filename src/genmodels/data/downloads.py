"""Where known sets are fetched to, or put by hand, and how long the network is waited for."""

from pathlib import Path

from genmodels.data.cache import CACHE_HINT, cache_folder
from genmodels.durable import disk_errors, sweep_temporaries

NETWORK_SECONDS = 20.0


def downloads_folder(name: str) -> Path:
    """Where the user may put the files of a known set when there is no network."""
    return cache_folder() / "downloads" / name


def swept_root() -> Path:
    """The folder of all downloads, without what a killed process left there."""
    root = cache_folder() / "downloads"
    with disk_errors(root, CACHE_HINT):
        root.mkdir(parents=True, exist_ok=True)
        sweep_temporaries(root, seconds_old=86_400.0)
    return root


def first_line(error: Exception) -> str:
    """What an error says, without its further lines."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
