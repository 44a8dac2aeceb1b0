"""`python -m genmodels` and the `genmodels` command."""

import os
import sys

# How often a waiting thread of PyTorch's looks again before it sleeps (libgomp's own default is some 100 times that).
# Where another program keeps a core busy, threads that go on looking slow each other down: training the default
# network on two cores, one of them busy, went at 26,800 characters a second instead of 5,400.
SPIN_COUNT = "20000"


def main() -> int:
    """Run the command line; a bare --version is answered before anything else is imported."""
    _replace_closed_streams()
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)  # read when PyTorch is loaded
    if sys.argv[1:] == ["--version"]:
        from genmodels import __version__

        sys.stdout.write(f"genmodels {__version__}\n")
        return 0
    try:
        from genmodels.app import run
    except KeyboardInterrupt:  # before the command line can answer itself
        return 130
    return run(sys.argv[1:])


def _replace_closed_streams() -> None:
    """Give Python something to write to where the caller closed stdout or stderr (`>&-`)."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open to the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


if __name__ == "__main__":
    sys.exit(main())
