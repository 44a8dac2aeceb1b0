"""genmodels: train, sample and look inside the classic deep generative models.

The names below are imported when first used, so that ``import genmodels`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:  # so that a type checker knows every name; at run time `__getattr__` imports them
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.api.asking import list_runs, open_run
    from genmodels.api.comparing import (
        compare_curves,
        compare_elbo,
        compare_gradients,
        compare_images,
        compare_readers,
        compare_text,
        explain_gradients,
    )
    from genmodels.api.exporting import export_run
    from genmodels.api.keeping import compare_runs, note_run, prune_runs, remove_runs, rename_run
    from genmodels.api.pages import report
    from genmodels.api.rates import find_rate
    from genmodels.api.speech import compare_context, compare_speech, compare_word_errors, leave_one_out, train_speech
    from genmodels.api.touring import tour
    from genmodels.api.training import resume, train, train_gan, train_pixelrnn, train_reader, train_text, train_vae
    from genmodels.data.text.corpus import Corpus, open_corpus
    from genmodels.diagnosis.report import doctor
    from genmodels.errors import GenmodelsError, Stopped
    from genmodels.exhibit import Exhibit, Table
    from genmodels.families import family_of
    from genmodels.families.gan import GanRun
    from genmodels.families.images import ImageRun
    from genmodels.families.pixelrnn import PixelRun
    from genmodels.families.reader import ReaderRun
    from genmodels.families.run import Run
    from genmodels.families.sheet import Sheet
    from genmodels.families.speech.run import SpeechRun
    from genmodels.families.text.run import TextRun
    from genmodels.families.vae import VaeRun
    from genmodels.models.build_text import build_language_model
    from genmodels.runs import RunDir, find_run
    from genmodels.sampling.writing import TextWriter
    from genmodels.settings.gan import GanSettings
    from genmodels.settings.pixelrnn import PixelSettings
    from genmodels.settings.reader import ReaderSettings
    from genmodels.settings.speech import SpeechSettings
    from genmodels.settings.text import TextSettings
    from genmodels.settings.vae import VaeSettings
    from genmodels.training.fitting import fit

_PUBLIC = {
    "genmodels.api.asking": ("open_run", "list_runs"),
    "genmodels.api.comparing": (
        "compare_text", "compare_gradients", "compare_curves", "compare_elbo", "compare_images", "compare_readers",
        "explain_gradients",
    ),
    "genmodels.api.exporting": ("export_run",),
    "genmodels.api.keeping": ("compare_runs", "note_run", "prune_runs", "remove_runs", "rename_run"),
    "genmodels.api.pages": ("report",),
    "genmodels.api.rates": ("find_rate",),
    "genmodels.api.speech": (
        "train_speech", "compare_speech", "leave_one_out", "compare_word_errors", "compare_context",
    ),
    "genmodels.api.touring": ("tour",),
    "genmodels.api.training": (
        "train_text", "train_vae", "train_pixelrnn", "train_gan", "train_reader", "train", "resume",
    ),
    "genmodels.diagnosis.report": ("doctor",),
    "genmodels.exhibit": ("Exhibit", "Table"),
    "genmodels.errors": ("GenmodelsError", "Stopped"),
    "genmodels.families": ("family_of",),
    "genmodels.families.run": ("Run",),
    "genmodels.families.images": ("ImageRun",),
    "genmodels.families.sheet": ("Sheet",),
    "genmodels.families.text.run": ("TextRun",),
    "genmodels.families.vae": ("VaeRun",),
    "genmodels.families.pixelrnn": ("PixelRun",),
    "genmodels.families.gan": ("GanRun",),
    "genmodels.families.reader": ("ReaderRun",),
    "genmodels.families.speech.run": ("SpeechRun",),
    "genmodels.settings.text": ("TextSettings",),
    "genmodels.settings.vae": ("VaeSettings",),
    "genmodels.settings.pixelrnn": ("PixelSettings",),
    "genmodels.settings.gan": ("GanSettings",),
    "genmodels.settings.reader": ("ReaderSettings",),
    "genmodels.settings.speech": ("SpeechSettings",),
    "genmodels.runs": ("RunDir", "find_run"),
    "genmodels.data.text.corpus": ("Corpus", "open_corpus"),
    "genmodels.models.build_text": ("build_language_model",),
    "genmodels.training.fitting": ("fit",),
    "genmodels.sampling.writing": ("TextWriter",),
    "genmodels.analysis.text_likelihood": ("evaluate_text",),
}  # fmt: skip
_MODULES = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = [
    "Corpus", "Exhibit", "GanRun", "GanSettings", "GenmodelsError", "ImageRun", "PixelRun", "PixelSettings",
    "ReaderRun", "ReaderSettings", "Run", "RunDir", "Sheet", "SpeechRun", "SpeechSettings", "Stopped", "Table",
    "TextRun", "TextSettings", "TextWriter", "VaeRun", "VaeSettings", "__version__", "build_language_model",
    "compare_context", "compare_curves", "compare_elbo", "compare_gradients", "compare_images", "compare_readers",
    "compare_runs", "compare_speech", "compare_text", "compare_word_errors", "doctor", "evaluate_text",
    "explain_gradients", "export_run", "family_of", "find_rate", "find_run", "fit", "leave_one_out", "list_runs",
    "note_run", "open_corpus", "open_run", "prune_runs", "remove_runs", "rename_run", "report", "resume", "tour",
    "train", "train_gan", "train_pixelrnn", "train_reader", "train_speech", "train_text", "train_vae",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that sees it takes every name for anything

    def __getattr__(name: str) -> object:
        """Import a public name on first use (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module 'genmodels' has no attribute {name!r}")
        return getattr(import_module(_MODULES[name]), name)

    def __dir__() -> list[str]:
        return sorted(__all__)
