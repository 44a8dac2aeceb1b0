"""`python -m genmodels` and the `genmodels` command."""

import sys


def main() -> int:
    """Run the command line; a bare --version is answered before anything else is imported."""
    if sys.argv[1:] == ["--version"]:
        from genmodels import __version__

        sys.stdout.write(f"genmodels {__version__}\n")
        return 0
    from genmodels.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
