"""TextRun: what can be asked of a language model's run."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from genmodels.bytewise import as_read
from genmodels.exhibit import Exhibit
from genmodels.families.run import Run
from genmodels.families.text.adapting import dynamic_settings
from genmodels.families.text.author import Prompt, open_author
from genmodels.families.text.gates import PASSAGE, gates_along
from genmodels.families.text.gradients import WINDOW, WINDOWS, gradients_of
from genmodels.families.text.judging import TEMPERATURES, WRITTEN, judge_given, judge_written
from genmodels.families.text.resuming import restored
from genmodels.families.text.scoring import KNOWN, scores_of
from genmodels.families.text.sheet import TextSheet, sheet_of, streamed
from genmodels.families.text.splits import NAMELESS, recorded_splits
from genmodels.runs import Epoch, Epochs
from genmodels.settings.fields import check_choice
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import UNKNOWN_CHARACTERS
from genmodels.telling import Notice

if TYPE_CHECKING:
    import torch

    from genmodels.data.text.streams import Split
    from genmodels.models.stored import LoadedText
    from genmodels.sampling.writing import Sample, TextWriter
    from genmodels.training.language_model import LanguageModelTask

IN_SHEET = 300  # characters of each text


class TextRun(Run):
    """A run of a character-level language model.

    Example:
        >>> run = genmodels.open_run("story", genmodels.TextRun)
        >>> run.sample("the cat ", length=20, temperature=[0.5, 1.5])[1].temperature
        1.5
        >>> [row["protocol"] for row in run.score().facts["results"]]
        ['carried', 'windows']
    """

    family: ClassVar[str] = "text"

    def load(self, checkpoint: Path, device: "torch.device") -> "LoadedText":
        """The model of an epoch's checkpoint, on a device, in evaluation mode.

        Raises:
            RunError: damaged.
            ResourceError: out of memory.
        """
        from genmodels.models.stored import load_text

        return load_text(checkpoint, device)

    def restore(
        self, notice: Notice, device: str | None = None, again: Sequence[str] = (), text: str | None = None
    ) -> "LanguageModelTask":
        """See `Run.restore`."""
        return restored(self, notice, device, again, text)

    def writer(self, epoch: Epoch | None = None, device: str = "auto") -> "TextWriter":
        """What writes and scores texts with an epoch's weights; None: the best one's.

        Raises:
            RunError: that epoch was not kept.
            ResourceError: the device is missing.
        """
        return open_author(self.epoch_checkpoint(epoch), device).writer

    def splits(self) -> "tuple[Split, Split]":
        """Training and validation text.

        Raises:
            DataError: the corpus has changed or is gone.
            RunError: run.json is damaged.
        """
        return recorded_splits(self)

    def sample(
        self,
        prompt: Prompt | None = None,
        *,
        epoch: Epoch | None = None,
        temperature: float | Sequence[float] = SampleSettings.temperature,
        length: int = SampleSettings.length,
        count: int = SampleSettings.count,
        seed: int = SampleSettings.seed,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        stop: str | None = None,
        unknown: str = "error",
        device: str = "auto",
    ) -> "list[Sample]":
        """Texts that go on from a prompt: `count` at each temperature.

        Args:
            prompt: a text, its bytes, a file, or an open file; None: the run's seed phrase.
            epoch: whose weights; None: the best one's.
            temperature: one or several; 0 takes the likeliest.
            length: characters to write.
            count: texts at each temperature.
            seed: same seed, same texts.
            top_k: draw from the k likeliest only.
            top_p: draw from the likeliest that sum to p.
            min_p: leave out those less than p times as likely as the best.
            stop: end a text before this string.
            unknown: "error", or "skip" to leave out what the prompt has that the run does not know.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            UsageError: a value is out of range.
            DataError: the prompt is empty, or has unknown characters.
            RunError: that epoch was not kept.
        """
        how = SampleSettings.from_mapping({
            "temperature": temperature, "length": length, "count": count, "seed": seed, "top_k": top_k,
            "top_p": top_p, "min_p": min_p, "stop": stop,
        })  # fmt: skip
        epochs = None if epoch is None else [epoch]
        texts = self.sheet(prompt, how, epochs=epochs, unknown=unknown, device=device)
        return [cell.sample for cell in texts.cells]

    def stream(
        self,
        prompt: Prompt | None = None,
        how: SampleSettings | None = None,
        *,
        epoch: Epoch | None = None,
        unknown: str = "error",
        device: str = "auto",
    ) -> tuple[str, Iterator[bytes]]:
        """The prompt as the model reads it, and one text, in UTF-8 or raw bytes, piece by piece as it is written.

        Args:
            prompt: see `sample`.
            how: how characters are drawn; only the first temperature and one text.
            epoch: whose weights; None: the best one's.
            unknown: see `sample`.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            DataError, RunError: see `sample`; what the prompt has that the run does not know, at the first piece.
        """
        return streamed(
            self, prompt, SampleSettings() if how is None else how, epoch=epoch, unknown=unknown, device=device
        )

    def sheet(
        self,
        prompt: Prompt | None = None,
        how: SampleSettings | None = None,
        *,
        epochs: Epochs | None = None,
        unknown: str = "error",
        judge: bool = False,
        device: str = "auto",
    ) -> TextSheet:
        """Texts by epoch and temperature, all from the same prompt and the same random numbers.

        Args:
            prompt: see `sample`.
            how: how characters are drawn; None: 300 at temperature 0.75.
            epochs: None: the best one.
            unknown: see `sample`.
            judge: add to each text what it is like beside the training text; the best epoch measures bits/char.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            DataError, RunError: see `sample`; or a text that is to be judged is empty.
        """
        drawn = SampleSettings(length=IN_SHEET) if how is None else how
        return sheet_of(self, prompt, drawn, epochs=epochs, unknown=unknown, judge=judge, device=device)

    def score(
        self,
        file: str | Path | None = None,
        *,
        text: str | None = None,
        epochs: Epochs | None = None,
        protocol: str | None = None,
        dynamic_rate: float | None = None,
        dynamic_decay: float | None = None,
        mix: bool = False,
        baselines: bool = False,
        encoding: str = "utf-8",
        unknown: str = "error",
        device: str = "auto",
    ) -> Exhibit:
        """How well the run predicts a text: nats and bits per character, perplexity, accuracy.

        Args:
            file: a path, or "-" for standard input; with neither file nor text, the validation text.
            text: the text itself.
            epochs: None: the best one.
            protocol: "carried" (state through the text), "windows" (256 from empty) or "dynamic" (carried, and a copy
                of the network goes on learning from what it has just predicted); None: the first two.
            dynamic_rate: learning rate of "dynamic"; None: the usual one.
            dynamic_decay: how fast "dynamic" goes back to the trained weights; None: as usual.
            mix: add what the network reaches together with an n-gram model, by the protocol "carried".
            baselines: add what guessing and counting reach.
            encoding: of the file.
            unknown: "error", or "skip" to leave out characters that the run does not know.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            UsageError: an unknown protocol, a number that it does not take, or both a file and a text.
            RunError: an epoch was not kept.
            DataError: the text is missing, too short or has unknown characters, or the training text too short to mix.
        """
        if protocol is not None:
            check_choice("--protocol", protocol, KNOWN)
        dynamic = dynamic_settings(protocol, dynamic_rate, dynamic_decay)
        found = scores_of(
            self, file, text, epochs=epochs, protocol=protocol, dynamic=dynamic, mix=mix, baselines=baselines,
            encoding=encoding, unknown=unknown, device=device,
        )  # fmt: skip
        return as_read(self.document(), found)

    def judge(
        self,
        file: str | Path | None = None,
        *,
        text: str | None = None,
        epochs: Epochs | None = None,
        temperature: float | Sequence[float] = TEMPERATURES,
        length: int = WRITTEN,
        seed: int = SampleSettings.seed,
        by: "TextRun | None" = None,
        encoding: str = "utf-8",
        unknown: str = "error",
        device: str = "auto",
    ) -> Exhibit:
        """Words, copies and repetition of texts, beside as much held-out text; one network measures all bits/char.

        Args:
            file: a path, or "-" for standard input; with neither file nor text, what the run writes is judged.
            text: the text itself.
            epochs: that write; None: the best one.
            temperature: one or several, at which the run writes.
            length: characters that it writes at each.
            seed: of what it writes.
            by: whose best epoch measures bits/char; None: this run's.
            encoding: of the file.
            unknown: "error", or "skip" to leave out characters that the run does not know.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            UsageError: both a file and a text, a text and epochs, or too little to write.
            RunError: an epoch was not kept, or the judge reads bytes and this run characters.
            DataError: the text is missing, too short or has unknown characters; or too little is held out.
        """
        check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
        if file is None and text is None:
            found = judge_written(
                self, epochs=epochs, temperature=temperature, length=length, seed=seed, by=by, device=device
            )
        else:
            found = judge_given(
                self, file, text, epochs=epochs, encoding=encoding, unknown=unknown, by=by, device=device
            )
        return as_read(self.document(), found)

    @property
    def data_told(self) -> str:
        """See `Run.data_told`; a text that has no file is called what it is."""
        sources = [str(source) for source in self.document()["data"].get("sources") or []]
        return NAMELESS.get(sources[0], super().data_told) if len(sources) == 1 else super().data_told

    def gates(
        self,
        *,
        epoch: Epoch | None = None,
        text: str | None = None,
        start: int | None = None,
        length: int = PASSAGE,
        units: int | Sequence[int] | None = None,
        layer: int | None = None,
    ) -> Exhibit:
        """The keep, write and read gates of an LSTM's units along a passage.

        Args:
            epoch: whose weights; None: the best one's.
            text: the passage; None: one of the validation text.
            start: where that begins; None: where the units follow best what is named, or with `units` at its beginning.
            length: its characters.
            units: None: those that track something with a name.
            layer: from 1; None: the last.

        Raises:
            RunError: the model is no LSTM, or that epoch was not kept.
            UsageError: a layer or unit that the network lacks, or no passage.
            DataError: the text has unknown characters, is too long or too short, or nothing is tracked in it.
        """
        return gates_along(self, epoch=epoch, text=text, start=start, length=length, units=units, layer=layer)

    def gradients(
        self, *, init: bool = False, epoch: Epoch | None = None, windows: int = WINDOWS, window: int = WINDOW,
        lags: int | None = None,
    ) -> Exhibit:  # fmt: skip
        """How the gradient of the last character's loss fades with the distance; see `gradients_of`."""
        return gradients_of(
            [self], init=init, epoch=epoch, windows=windows, window=window, lags=lags, teller=self.teller
        )
