"""What commands share that put several runs side by side."""

from genmodels.errors import UsageError
from genmodels.runs import RunDir


def names_of(found: list[RunDir]) -> list[str]:
    """What to call each run: its name, or its path where two have the same name."""
    names = [run.name for run in found]
    return names if len(set(names)) == len(names) else [str(run.path) for run in found]


def check_same_images(found: list[RunDir]) -> None:
    """All runs are on the same image set.

    Raises:
        UsageError: they differ.
    """
    data = [run.document()["data"] for run in found]
    if len({str(described.get("fingerprint")) for described in data}) > 1:
        pairs = zip(names_of(found), data, strict=True)
        told = "; ".join(f"{name}: {described.get('name', '?')}" for name, described in pairs)
        raise UsageError(f"these runs are on different images ({told})", "name runs on the same --dataset.")
