"""The parts of a set, by the names that people give them."""

import re

_ROLES = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
}  # fmt: skip
_PART = re.compile(rf"({'|'.join(_ROLES)})([-_ ]?(images?|imgs?|pictures|set|data|split|part))?")


def role_of(folder: str) -> str | None:
    """Which part a folder of this name is; None where its name says nothing of that."""
    found = _PART.fullmatch(folder.lower())
    return None if found is None else _ROLES[found[1]]
