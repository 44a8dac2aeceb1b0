"""Which fonts matplotlib finds. Run as a program it prints them, as looking for all of them may take long."""

from genmodels.diagnosis.asking import answer
from genmodels.diagnosis.section import Fact, Section, plain

TITLE, NEEDS = "fonts", "matplotlib"
SANS_LINE, COUNT_LINE = "figures are written in", "families found"
SAMPLES = {"Chinese": "\u6c49\u6f22", "Japanese": "\u65e5\u3042\u30a2", "Korean": "\ud55c\uad6d"}
LINES = (SANS_LINE, *SAMPLES, COUNT_LINE)


def fonts() -> Section:
    """The font of figures, those that they take for Chinese, Japanese and Korean, and how many there are."""
    from genmodels.drawing import load_matplotlib

    load_matplotlib()  # as figures do: whatever the user's own settings say
    from matplotlib.font_manager import fontManager

    from genmodels.figures.fonts import SANS

    families = len({entry.name for entry in fontManager.ttflist})
    others = [_font_of(language, sample) for language, sample in SAMPLES.items()]
    return Section(TITLE, [plain(SANS_LINE, SANS), *others, plain(COUNT_LINE, families)])


def _font_of(language: str, sample: str) -> Fact:
    """What figures take for characters of a language."""
    from genmodels.figures.fonts import families_for, lacking

    if lacking([sample]):
        return Fact(language, None, "none: figures show boxes for such characters")
    taken = list(families_for(sample))[1:]
    return Fact(language, taken, ", ".join(taken))


if __name__ == "__main__":
    answer(fonts())
