"""Whether the network may be used."""

import os


def is_offline() -> bool:
    """Whether GENMODELS_OFFLINE forbids the network."""
    return os.environ.get("GENMODELS_OFFLINE", "") not in {"", "0"}
