"""`python -m genmodels` and the `genmodels` command."""

import os
import sys
from contextlib import suppress

from genmodels import __version__
from genmodels.errors import BROKEN_PIPE, ResourceError
from genmodels.limits import watch_address_space
from genmodels.streams import prepare_streams, tell_for_libraries

# How often a waiting thread of PyTorch's looks again before it sleeps (libgomp's own default is some 100 times that).
# Where another program keeps a core busy, threads that go on looking slow each other down: training the default
# network on two cores, one of them busy, went at 26,800 characters a second instead of 5,400.
SPIN_COUNT = "20000"


def main() -> int:
    """Run the command line; what can't be delivered is told here, before Python's own last flush finds it."""
    prepare_streams()
    watch_address_space()
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)  # read when PyTorch is loaded
    code = 0
    try:
        code = _answer(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:  # before the command line can answer itself
        return 130
    except BrokenPipeError:
        return code or BROKEN_PIPE
    except ResourceError as error:
        sys.stderr.write(f"error: {error.what}\nhint: {error.hint}\n")
        return code or error.exit_code
    return code


def _answer(arguments: list[str]) -> int:
    """The exit code; a bare --version is answered before anything else is imported."""
    if arguments == ["--version"]:
        sys.stdout.write(f"genmodels {__version__}\n")
        return 0
    tell_for_libraries()
    from genmodels.app import run

    return run(arguments)


def end_at_once(code: int) -> None:
    """End one of several processes: on the usual way out PyTorch's threads now and then abort it when all is done."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    ended_with = main()
    if os.environ.get("WORLD_SIZE", "1") not in {"", "0", "1"}:
        end_at_once(ended_with)
    sys.exit(ended_with)
