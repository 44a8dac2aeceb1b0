"""Recordings that a CSV or TSV file lists, with what is said in each."""

from pathlib import Path

from genmodels.data.sound.given import Given


def find_in_table(path: Path) -> Given:
    raise NotImplementedError
