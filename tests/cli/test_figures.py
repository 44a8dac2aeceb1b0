"""What commands say of their figures, and how often."""

from pathlib import Path

import pytest

from homes import TINY_VAE

HOME = "vae"
LACKING = "no font here has \u65e5 \u672c \u8a9e"


@pytest.fixture
def named_in_japanese(at_home, home: Path) -> str:
    """A run on a set whose name no font that matplotlib brings along can show."""
    (home / "\u65e5\u672c\u8a9e.npz").write_bytes((home / "set.npz").read_bytes())
    command = ("train-vae", "--dataset", "\u65e5\u672c\u8a9e.npz", *TINY_VAE, "--epochs", 2, "--name", "named", "-q")
    if not (home / "runs" / "named").exists():
        assert at_home(*command).code == 0
    return "named"


@pytest.fixture(autouse=True)
def only_shipped_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import fontManager

    from genmodels.figures import fonts

    monkeypatch.setattr(fontManager, "ttflist", [e for e in fontManager.ttflist if "mpl-data" in e.fname])
    fonts._found.cache_clear()


def test_a_command_says_once_that_no_font_has_a_character(at_home, named_in_japanese, tmp_path) -> None:
    files = ("--out", tmp_path / "a.png", "--animate", tmp_path / "a.gif")
    outcome = at_home("sample-images", "--run", named_in_japanese, "--epochs", "1,2", *files)
    assert outcome.code == 0, outcome.err
    assert outcome.err.count(LACKING) == 1
    assert outcome.err.count("note: ") == 1
    assert outcome.out.splitlines() == [str(tmp_path / "a.png"), str(tmp_path / "a.gif")]


@pytest.mark.parametrize("command", ["plot-elbo", "reconstruct", "plot-latent"])
def test_every_figure_s_command_says_so(at_home, named_in_japanese, tmp_path, command: str) -> None:
    outcome = at_home(command, "--run", named_in_japanese, "--out", tmp_path / "a.svg")
    assert outcome.code == 0, outcome.err
    assert outcome.err.count(LACKING) == 1


def test_nothing_is_said_of_a_figure_whose_characters_are_all_there(at_home, tmp_path) -> None:
    outcome = at_home("plot-elbo", "--run", "plain", "--out", tmp_path / "a.png")
    assert "font" not in outcome.err


def test_a_program_hears_of_it_where_it_listens(named_in_japanese, home: Path, tmp_path, monkeypatch) -> None:
    import genmodels

    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    told: list[str] = []
    run = genmodels.open_run("named", runs=home / "runs", notice=told.append)
    run.save(tmp_path / "a.png")
    run.course().save(tmp_path / "b.png", told.append)
    assert [LACKING in sentence for sentence in told] == [True, True]
