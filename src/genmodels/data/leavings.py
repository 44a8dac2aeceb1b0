"""What lies among a user's data and is none: by its name, and the words for it that texts and images share."""

from pathlib import Path

HIDDEN, LEFT_BEHIND, RUN = "hidden", "left behind by a program", "a run"
NOT_ORDINARY, TWICE = "no ordinary file", "given twice"  # folders that are entered already are given twice, too
LEFT_BEHIND_NAMES = {
    "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "__macosx", "__pycache__", "lost+found", "icon\r",
    "$recycle.bin", "system volume information", "#recycle", "@recycle",
}  # fmt: skip


def reason_by_name(path: Path) -> str | None:
    """Why a file or folder is no data, by its name alone; None: it may be."""
    if path.name.startswith("."):
        return HIDDEN
    return LEFT_BEHIND if path.name.lower() in LEFT_BEHIND_NAMES else None
