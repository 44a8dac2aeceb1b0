"""Going on with a text run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.errors import RunError
from genmodels.families.finetuning import take_weights_again
from genmodels.runs import RunDir
from genmodels.settings.text import TextSettings
from genmodels.telling import Notice
from genmodels.training.starting import threads_kept

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus
    from genmodels.training.language_model import LanguageModelTask


def restored(
    run: RunDir, notice: Notice, device: str | None, again: Sequence[str], text: str | None
) -> "LanguageModelTask":
    """The task of a run, with its own settings, seed phrase and corpus; arguments and errors as for `Run.restore`."""
    from genmodels.data.text.recorded import reopen_corpus

    return restored_on(run, reopen_corpus(run.document()["data"], notice, again, text), notice, device)


@threads_kept()
def restored_on(run: RunDir, corpus: "Corpus", notice: Notice, device: str | None) -> "LanguageModelTask":
    """The task of a run on its corpus, which is open.

    Raises:
        RunError: run.json is damaged.
    """
    from genmodels.training.language_model import prepare
    from genmodels.training.setup import resumed_settings

    document = run.document()
    settings = resumed_settings(TextSettings, document, device, notice)
    if not isinstance(document.get("prompt"), str):
        raise RunError(f"{run.path / 'run.json'} is damaged: it lacks the seed phrase", "restore it from a copy.")
    task = prepare(settings, corpus, document["prompt"])
    take_weights_again(task, run, notice)
    task.goes_on = True
    return task
