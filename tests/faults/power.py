"""A loss of power, simulated: only what was synced is there afterwards, and of the rest whatever the disk had got to.

A file's bytes are safe once the file was synced; a name, a new folder, a removal once the folder that holds it was.
Of what was not synced any may have reached the disk: each folder is as at one of its moments since it was synced last.
"""

# ruff: noqa: PTH113, PTH116, PTH118, PTH208
# It is the functions of `os` that these stand before.

import os
import random
from pathlib import Path
from typing import Any

from faults.shim import Disk

Names = dict[str, int]


class Power:
    """What of a folder would survive, call by call.

    Args:
        root: the folder; all that is in it when this is made is safe.
        graveyard: an empty folder on the same disk: what is removed is kept there, so that no number is used twice.
    """

    def __init__(self, root: Path, graveyard: Path) -> None:
        self.root, self.graveyard = Path(os.path.realpath(root)), graveyard
        self.moments: dict[int, list[Names]] = {}  # of a folder: since it was synced last, the synced one first
        self.safe: dict[int, bytes] = {}  # of a file
        self.content: dict[int, bytes] = {}  # of a file, now
        self.kinds: dict[int, bool] = {}  # whether it is a folder
        self._look()
        self.moments = {number: moments[-1:] for number, moments in self.moments.items()}
        self.safe = dict(self.content)

    def watch(self, disk: Disk) -> None:
        """Follow all that happens on a disk."""
        disk.before, disk.after = self._before, self._after

    def _look(self) -> None:
        for place, folders, files in os.walk(self.root):
            number = os.stat(place).st_ino
            self.kinds[number] = True
            names = {name: os.lstat(os.path.join(place, name)).st_ino for name in [*folders, *files]}
            known = self.moments.setdefault(number, [{}])
            if known[-1] != names:
                known.append(names)
            for name in files:
                self.kinds[names[name]] = False
                self.content[names[name]] = Path(place, name).read_bytes()

    def _before(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Keep what goes: a file by another link to it."""
        gone = arguments[-1] if name in {"rename", "replace"} else arguments[0]
        names = {"unlink", "remove", "rename", "replace"}
        if name in names and isinstance(gone, str | Path) and os.path.isfile(gone):
            os.link(gone, self.graveyard / f"{len(os.listdir(self.graveyard))}")

    def _after(self, name: str, arguments: tuple[Any, ...]) -> None:
        self._look()
        if name == "fsync":
            number = os.fstat(arguments[0]).st_ino
            if self.kinds.get(number):
                self.moments[number] = self.moments[number][-1:]
            elif number in self.content:
                self.safe[number] = self.content[number]

    def survives(self, target: Path, chance: random.Random | None = None) -> None:
        """Make a folder of what is there after a loss of power now.

        Args:
            target: the new folder.
            chance: decides how far the disk had got with what was not synced; None: nowhere.
        """
        self._look()
        target.mkdir(parents=True)
        self._restore(os.stat(self.root).st_ino, target, chance)

    def _restore(self, number: int, target: Path, chance: random.Random | None) -> None:
        moments = self.moments.get(number, [{}])
        for name, inner in (chance.choice(moments) if chance else moments[0]).items():
            if self.kinds.get(inner):
                (target / name).mkdir()
                self._restore(inner, target / name, chance)
                continue
            safe, now = self.safe.get(inner, b""), self.content.get(inner, b"")
            data = chance.choice([safe, now, now[: len(now) // 2] if safe == b"" else safe]) if chance else safe
            (target / name).write_bytes(data)
