"""genmodels: train, sample and look inside the classic deep generative models.

The names below are imported when first used, so that ``import genmodels`` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_PUBLIC = {
    "TextSettings": "genmodels.settings.text",
    "RunDir": "genmodels.runs",
    "find_run": "genmodels.runs",
    "Corpus": "genmodels.data.text.corpus",
    "open_corpus": "genmodels.data.text.corpus",
    "build_language_model": "genmodels.models.build_text",
    "train": "genmodels.training.starting",
    "fit": "genmodels.training.loop",
    "TextWriter": "genmodels.sampling.writing",
    "evaluate_text": "genmodels.analysis.text_likelihood",
}
__all__ = ["__version__"]
__all__ += list(_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'genmodels' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
