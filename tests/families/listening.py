"""Networks that listen, as their tests make them and look at what they say."""

from pathlib import Path
from typing import Any

from doors import family_of
from genmodels.exhibit import Exhibit
from genmodels.families import starting
from genmodels.families.speech.run import SpeechRun
from genmodels.telling import silent
from genmodels.training.reporting import QuietReporter
from genmodels.training.starting import plan_of, train
from homes import write_words

TINY = {
    "parameters": 2500, "longest": 1, "utterances": 16, "tested_utterances": 2, "batch_size": 8, "epochs": 1,
    "threads": 1, "device": "cpu",
}  # fmt: skip


def rows_are_mappings(exhibit: Exhibit) -> None:
    for table in exhibit.tables:
        assert all(isinstance(row, dict) for row in table.rows)
        assert len({len(cells) for cells in table.cells()}) == 1


def words_in(reading: dict[str, Any]) -> list[str]:
    return [word["word"] for word in reading["words"]]


def asked(home: Path, **others: Any) -> dict[str, Any]:
    """What every comparison here takes."""
    return {"dataset": str(home / "words"), "given": TINY, "runs": home / "runs", **others}


def begun(folder: Path, **others: Any) -> SpeechRun:
    """A run on words of its own, trained for a moment."""
    write_words(folder / "own")
    run, task = starting.new_run(
        family_of("speech"), TINY | others, dataset=str(folder / "own"), preset=None, config=None, name="begun",
        runs=folder / "runs", notice=silent,
    )  # fmt: skip
    train(task, family_of("speech"), plan_of(run, task, task.settings), run, QuietReporter())
    return SpeechRun(run.path)
