"""How characters are drawn from a language model."""

from dataclasses import dataclass

from genmodels.errors import UsageError
from genmodels.settings.fields import Settings, setting

MOST_WRITTEN = 200_000_000  # characters or bytes, which are held in memory


def _is_text(string: str) -> bool:
    """Whether UTF-8 can hold it; bytes that came through a command line count as text."""
    try:
        string.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class SampleSettings(Settings):
    """How characters are drawn from p(x) proportional to exp(logit / temperature)."""

    temperature: tuple[float, ...] = setting(
        (0.75,), "One or several temperatures; 0 takes the likeliest.", panel=None, at_least=0, at_most=1000,
        flag="--temp", usual=True,
    )  # fmt: skip
    length: int = setting(
        1000,
        "Characters to write.",
        panel=None,
        at_least=1,
        at_most=100_000_000,
        shown="1000; 300 in a table",
        usual=True,
    )
    count: int = setting(
        1, "Texts at each temperature, written in one batch.", panel=None, at_least=1, at_most=100_000, usual=True
    )
    seed: int = setting(1, "Same seed, same text.", panel=None, at_least=0, below=2**63, usual=True)
    top_k: int | None = setting(None, "Draw from the k likeliest only.", panel=None, at_least=1, shown="off")
    top_p: float | None = setting(
        None, "Draw from the likeliest that sum to p.", panel=None, above=0, at_most=1, shown="off", example=0.9
    )
    min_p: float | None = setting(
        None, "Leave out those less than p times as likely as the best.", panel=None, at_least=0, at_most=1,
        shown="off",
    )  # fmt: skip
    stop: str | None = setting(None, "End a text before this string.", panel=None, shown="off")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.temperature:
            raise UsageError("no temperature was given", "give one or several, such as 0.75.")
        in_all = self.length * self.count * len(self.temperature)
        if in_all > MOST_WRITTEN:
            raise UsageError(
                f"--length {self.length:,} times --count {self.count:,} is {in_all:,} in all",
                f"stay below {MOST_WRITTEN:,}.",
            )
        if self.stop == "":
            raise UsageError("--stop is empty", "give the string that ends a text, or leave --stop out.", "--stop")
        if self.stop is not None and not _is_text(self.stop):
            what = f"--stop {self.stop!a} has half a character"
            raise UsageError(what, "give the other half too, or leave it out.", "--stop")
