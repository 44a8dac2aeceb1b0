"""Notes: a sentence of the user's own, kept with a run or a comparison."""

from genmodels.durable import disk_errors, replace_file
from genmodels.errors import UsageError
from genmodels.ordinary import read_ordinary
from genmodels.printable import one_line
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.run_dir import RunDir

NOTE = "note.txt"  # a file of its own: a training writes run.json
LONGEST_NOTE = 500  # characters


def note_of(run: RunDir | ComparisonDir) -> str | None:
    """The sentence kept with a run, on one line; None where there is none."""
    path = run.path / NOTE
    if not path.is_file():
        return None
    try:
        return one_line(" ".join(read_ordinary(path).decode("utf-8", "replace").split())) or None
    except OSError as error:
        return f"({NOTE} cannot be read: {error.strerror})"


def write_note(run: RunDir | ComparisonDir, sentence: str) -> str | None:
    """Keep a sentence with a run, in the place of an older one; an empty one takes that away. Gives back what is kept.

    Raises:
        UsageError: it is too long, or no text.
        RunError: the run is none.
        ResourceError: it can't be written.
    """
    run.document()
    kept = " ".join(sentence.split())
    if len(kept) > LONGEST_NOTE:
        what = f"the note has {len(kept):,} characters, but {LONGEST_NOTE} are kept at most"
        raise UsageError(what, "write a shorter one.")
    try:
        data = f"{kept}\n".encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the note is no text: {one_line(kept[:40])!r}", "type it in the terminal's encoding."
        ) from error
    with disk_errors(run.path):
        if kept:
            replace_file(run.path / NOTE, data)
        else:
            (run.path / NOTE).unlink(missing_ok=True)
    return note_of(run)
