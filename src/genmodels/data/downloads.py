"""Where known sets are fetched to, or put by hand, and how long the network is waited for."""

import tempfile
from pathlib import Path

from genmodels.data.cache import CACHE_HINT, NOT_OURS, cache_folder, writable_folders
from genmodels.durable import disk_errors
from genmodels.errors import ResourceError
from genmodels.leftovers import sweep_temporaries

NETWORK_SECONDS = 20.0


def downloads_folder(name: str) -> Path:
    """Where the user may put the files of a known set when there is no network."""
    return cache_folder() / "downloads" / name


def swept_root() -> Path:
    """The folder of all downloads, without what a killed process left there.

    Raises:
        ResourceError: there can't be one.
    """
    for cache in writable_folders():
        root = cache / "downloads"
        try:
            root.mkdir(parents=True, exist_ok=True)
            sweep_temporaries(root, seconds_old=86_400.0)
        except OSError as error:
            if error.errno in NOT_OURS:
                continue
            with disk_errors(root, CACHE_HINT):
                raise
        return root
    raise ResourceError(f"no cache folder can be written, nor {tempfile.gettempdir()}", CACHE_HINT)


def reason_of(error: Exception) -> str:
    r"""Why something could not be fetched: of a message whose first line announces a reason, what follows it.

    torchvision writes below each other what it wanted, where it tried, and what it got there.

    >>> reason_of(RuntimeError("Error downloading f:\nTried https://a/, got:\n<urlopen error timed out>"))
    'Error downloading f: urlopen error timed out'
    >>> reason_of(RuntimeError("Error downloading f:\n"))
    'Error downloading f'
    """
    first = first_line(error)
    if not first.endswith(":"):
        return first
    further = [line.strip() for line in str(error).strip().splitlines()[1:]]
    reasons = [line.strip("<>") for line in further if line and not line.endswith(":")]
    return f"{first} {reasons[-1]}" if reasons else first.removesuffix(":")


def first_line(error: Exception) -> str:
    """What an error says, without its further lines."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
