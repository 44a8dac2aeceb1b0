"""A process that runs command lines and tells what they did to the world: files opened for writing, processes, sockets.

It reads its task from standard input and writes what it saw to standard output, both in JSON.
"""

import contextlib
import io
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {  # event -> where its arguments have paths and, behind each, the descriptor of the folder that it is in
    "os.rename": ((0, 2), (1, 3)), "os.link": ((0, 2), (1, 3)), "os.symlink": ((1, 2),), "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),), "os.mkdir": ((0, 2),), "os.truncate": ((0, None),), "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),), "os.utime": ((0, 3),), "os.setxattr": ((0, None),),
}  # fmt: skip
STARTING = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
    "os.startfile", "webbrowser.open", "urllib.Request", "http.client.connect",
)  # fmt: skip


class Watch:
    """What is done that is not allowed.

    Args:
        folders: in which files may be written.
    """

    def __init__(self, folders: list[str]) -> None:
        self.folders = [os.path.realpath(folder) for folder in folders]
        self.seen: list[str] = []
        self.is_on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Told of every event by Python."""
        if not self.is_on:
            return
        if event in STARTING or event.startswith("socket."):
            self.seen.append(f"{event} {arguments!r}"[:300])
        for path, followed in _changed(event, arguments):
            self._check(event, path, followed)

    def _check(self, event: str, path: str, followed: bool) -> None:
        folder, name = os.path.split(path)
        real = os.path.realpath(path) if followed else os.path.realpath(folder) + os.sep + name
        if real != os.devnull and not any(real == one or real.startswith(one + os.sep) for one in self.folders):
            self.seen.append(f"{event} {real}")


def _changed(event: str, arguments: tuple[Any, ...]) -> Iterator[tuple[str, bool]]:
    """The paths that an event changes, and whether links at their ends are followed."""
    if event == "open":
        path, mode, flags = arguments
        if (flags & WRITING or set(mode or "") & set("wax+")) and not isinstance(path, int):
            yield os.fsdecode(path), not flags & os.O_NOFOLLOW
        return
    for place, beside in CHANGING.get(event, ()):
        path, folder = arguments[place], -1 if beside is None else arguments[beside]
        if isinstance(path, int):
            continue
        whole = os.fsdecode(path)
        yield (whole if folder in (-1, None) else str(Path(f"/proc/self/fd/{folder}").readlink() / whole)), False


def main() -> None:
    """Run the lines, one after the other."""
    task = json.load(sys.stdin)
    import matplotlib.font_manager  # noqa: F401 - asks for the system's fonts, once
    import torch  # noqa: F401 - what it does when it is loaded is its own

    platform.processor()  # asks `uname`, once

    from genmodels.app import run

    watch, found = Watch(task["folders"]), []
    sys.addaudithook(watch)
    for line in task["lines"]:
        watch.seen = []
        said, result = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.redirect_stdout(result), contextlib.redirect_stderr(said):
            watch.is_on = True
            code = run(line)
            watch.is_on = False
        said.seek(0)
        found.append({"line": line, "code": code, "seen": watch.seen, "said": said.read()[-600:]})
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
