"""Which fonts matplotlib finds. Run as a program it prints them, as looking for all of them may take long."""

from genmodels.diagnosis.asking import answer
from genmodels.diagnosis.section import Fact, Section, plain

TITLE, NEEDS = "fonts", "matplotlib"
# Beginnings of the names of fonts with Chinese, Japanese or Korean characters, on all systems.
CJK = (
    "Noto Sans CJK", "Noto Serif CJK", "Source Han", "WenQuanYi", "Droid Sans Fallback", "AR PL", "IPA", "Takao",
    "VL Gothic", "Nanum", "Unifont", "Hiragino", "PingFang", "Heiti", "STHeiti", "Songti", "Apple SD Gothic",
    "AppleGothic", "Arial Unicode MS", "MS Gothic", "MS Mincho", "Yu Gothic", "Meiryo", "Microsoft YaHei",
    "Microsoft JhengHei", "SimHei", "SimSun", "Malgun Gothic", "Batang", "Gulim",
)  # fmt: skip


def fonts() -> Section:
    """The font of figures, one for Chinese, Japanese and Korean, and how many there are."""
    from matplotlib import font_manager

    default = font_manager.get_font(font_manager.findfont(font_manager.FontProperties())).family_name
    names = sorted({entry.name for entry in font_manager.fontManager.ttflist})
    wide = [name for name in names if name.startswith(CJK)]
    cjk = Fact("Chinese, Japanese, Korean", wide, ", ".join(wide[:3]) or "none: figures show boxes for such characters")
    return Section(TITLE, [plain("figures are written in", default), cjk, plain("families found", len(names))])


if __name__ == "__main__":
    answer(fonts())
