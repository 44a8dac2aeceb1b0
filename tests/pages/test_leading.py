"""The first screen of several runs: a sentence on what came of them, and a picture; and what a page says of itself."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import genmodels
from contract.helpers import stopped_in_epoch
from genmodels.family import family_of
from genmodels.pages import gathered, leading
from genmodels.pages.gathered import for_readers
from genmodels.pages.leading import lead_of
from homes import TINY_TEXT

HOME = "trained text"  # of which each test has its own copy
LEARNED = r'<p class="learned">(.*?)</p>'


@pytest.fixture
def here(cli, home_of, monkeypatch: pytest.MonkeyPatch):
    """The command line, in a home that the test may change."""
    folder = home_of(HOME)
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    return cli


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, which take seconds."""
    monkeypatch.setattr(gathered, "exhibits_of", lambda _: ())


@pytest.fixture
def two(here, quick) -> list[genmodels.TextRun]:
    outcome = here("train-text", "corpus.txt", *TINY_TEXT, "--model", "gru", "--name", "other")
    assert outcome.code == 0, outcome.err
    return [genmodels.open_run(name, genmodels.TextRun) for name in ("tiny", "other")]


def header_of(html: str) -> str:
    return html[: html.index("</header>")]


def test_the_first_screen_of_runs_alike_says_which_is_best_by_what_and_shows_their_curves(two) -> None:
    html = genmodels.report(two, "both.html", notice=lambda _: None, progress=False).read_text("utf-8")
    (said,) = re.findall(LEARNED, header_of(html))
    found = re.fullmatch(
        r"By the loss \(nats per character\), the best on held-out data is (\w+): ([\d.]+), before (\w+) ([\d.]+)\.",
        said,
    )
    assert found, said
    best, score, other, behind = found.groups()
    measured = {run.name: run.best_evaluation()["validation"]["nll"] for run in two}
    assert best == min(measured, key=lambda name: measured[name])
    assert (float(score), float(behind)) == pytest.approx((measured[best], measured[other]), rel=1e-3)
    assert html.index('id="chart-0"') < html.index('id="alive-0-section"')
    assert "Hardly trained: tiny and other." in header_of(html), "names keep their case"
    assert 'class="cards"' not in html


def test_a_score_that_is_better_where_it_is_higher_is_told_so_and_ties_are() -> None:
    vae = family_of("vae")
    told = leading._best_told(vae, ["a", "b", "c"], [{"best": -90.0}, {"best": -80.5}, {"best": None}])
    assert told.endswith("the best on held-out data is b: −80.50, before a −90.00.")
    assert leading._best_told(vae, ["a", "b"], [{"best": -90.0}] * 2).endswith("are a and b: −90.00.")
    assert leading._best_told(vae, ["a", "b"], [{"best": -90.0}, {"best": None}]) == ""
    many = leading._best_told(vae, list("abcdefgh"), [{"best": -float(place)} for place in range(1, 9)])
    assert many.endswith("f −6.000 and 2 more.")


def test_the_first_screen_of_unlike_runs_has_a_line_and_a_thing_that_each_made(two, monkeypatch) -> None:
    monkeypatch.setattr(leading, "same_data", lambda _: False)
    html = genmodels.report(two, "both.html", notice=lambda _: None, progress=False).read_text("utf-8")
    assert re.findall(LEARNED, header_of(html)) == [
        "Which is best, no score says: they did not learn from the same data, or were not measured alike. "
        "What came of each:"
    ]
    cards = html[html.index('class="cards"') : html.index('id="alive-0-section"')]
    assert cards.count("Its best on held-out data: nll") == 2
    assert cards.count('<div class="written-passage">--- temperature 0.25') == 2, "what each wrote"
    assert re.findall(r'href="#(.*?)"', cards)[0] == "alive-0-section"


def test_a_run_without_an_epoch_or_without_a_sample_still_has_a_card(two) -> None:
    tiny, other = two
    for path in other.samples_folder.iterdir():
        path.unlink()
    (tiny.samples_folder / f"{tiny.epoch_checkpoint(None).name}.txt").write_text("<b>\u202e", encoding="utf-8")
    lead = lead_of(two, ["tiny", "other"], [0, None], ["It writes.", "It is mute."], pictured=False)
    assert lead is not None
    assert [card["text"] for card in lead.cards] == [r"<b>\u202e", ""]
    assert [card["told"] for card in lead.cards] == ["It writes.", "It is mute."]
    assert lead.sentences[0].startswith("By the loss (nats per character)")
    assert lead_of(two[:1], ["tiny"], [0], [], pictured=True) is None


def test_runs_alike_of_which_one_has_no_epoch_yet_are_not_called_unlike(two, monkeypatch) -> None:
    summary = leading.whole_summary_of
    monkeypatch.setattr(leading, "whole_summary_of", lambda run: {**summary(run), "best": None})
    lead = lead_of(two, ["tiny", "other"], [0, None], [], pictured=True)
    assert lead is not None
    assert lead.sentences == [leading.TOO_EARLY]
    assert [card["told"] for card in lead.cards] == ["It has no finished epoch yet."] * 2


def test_runs_that_read_bytes_are_told_per_byte(here, quick) -> None:
    for name in ("first", "second"):
        assert here("train-text", "corpus.txt", *TINY_TEXT, "--bytes", "--name", name, "-q").code == 0
    here("report", "--run", "first", "--run", "second", "--out", "a.html")
    (said,) = re.findall(LEARNED, header_of(Path("a.html").read_text("utf-8")))
    assert said.startswith("By the loss (nats per byte), the best on held-out data ")


def test_a_page_that_is_small_says_so_and_how_the_whole_one_is_made(here, quick) -> None:
    here("report", "--run", "tiny", "--out", "a.html", "--small")
    assert "the best epoch's network alone. The whole page: genmodels report --run" in header_of(
        Path("a.html").read_text("utf-8").replace("&#39;", "'")
    )
    here("report", "--run", "tiny", "--out", "a.html")
    assert "The page is small" not in Path("a.html").read_text("utf-8")


@pytest.mark.parametrize("option", ["--title", "--size", "--dpi"])
@pytest.mark.parametrize("command", ["report", "tour"])
def test_a_page_is_no_figure_so_it_takes_no_look_of_one(cli, command: str, option: str) -> None:
    outcome = cli(command, option, "640x480")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: genmodels {command} has no {option}\n")


def test_the_same_damage_is_told_once(here) -> None:
    for path in Path("runs/tiny/checkpoints").glob("epoch-*/model.safetensors"):
        path.write_bytes(b"x" * path.stat().st_size)
    outcome = here("report", "--run", "tiny", "--out", "a.html")
    told = [line for line in outcome.err.splitlines() if "left out of the page" in line]
    assert told
    assert len(set(told)) == len(told)


def test_a_page_sends_nobody_to_options_of_a_command(two) -> None:
    assert for_readers("2 measures that only some of them have are in --json") == ""
    assert for_readers("errors by word; --csv and --json have all 40 rows; ± is a standard error") == (
        "errors by word; ± is a standard error"
    )
    html = genmodels.report(two, "both.html", notice=lambda _: None, progress=False).read_text("utf-8")
    said = re.sub(r"<(script|pre|code).*?</\1>", "", html, flags=re.DOTALL)
    assert not re.findall(r"--(?:json|csv|all)\b", said)


def test_settings_that_some_runs_alone_have_are_where_the_page_says(two, monkeypatch) -> None:
    from genmodels.pages import building

    exhibit = building.side_by_side(two)
    left = [*exhibit.remarks, "2 settings that only some of them have are in --json"]
    monkeypatch.setattr(building, "side_by_side", lambda _: replace(exhibit, remarks=left))
    compared = building._compared(two)
    assert compared is not None
    assert compared["remarks"][-1].startswith("Settings that only some of them have stand in the record of each")
    assert not any("--json" in one for one in compared["remarks"])


def test_an_interrupted_training_is_told_on_the_page_with_where_it_went_on(here, quick) -> None:
    with stopped_in_epoch(1, "validation"):
        assert here("train-text", "corpus.txt", *TINY_TEXT, "--name", "cut").code == 130
    step = genmodels.RunDir(Path("runs/cut")).steps()[-1]
    here("report", "--run", "cut", "--out", "a.html")
    assert "did not go through at once" not in Path("a.html").read_text("utf-8"), "it has not gone on yet"
    for _ in range(2):  # the second time it is finished, and nothing goes on
        assert here("train-text", "--resume", "cut", "-q").code == 0
        here("report", "--run", "cut", "--out", "a.html")
        told = f"Its training did not go through at once: it was gone on with from the state saved at step {step:,}."
        assert Path("a.html").read_text("utf-8").count(told) == 1
    assert here("train-text", "--resume", "cut", "--epochs", "3", "-q").code == 0
    here("report", "--run", "cut", "--out", "a.html")
    html = Path("a.html").read_text("utf-8")
    assert "After it was finished it was gone on with" in html
    assert told in html, "what lengthened it was no interruption"


def test_the_machine_is_told_on_the_page_with_what_auto_was(two) -> None:
    document = two[1].document()
    facts = dict(gathered.described(two[1])["facts"])
    assert facts["began on"] == document["versions"]["device"]
    assert re.fullmatch(r"\w+(:\d+)? \(.+\)", facts["began on"])
    assert re.search(r", \d+ cores?$", facts["processor"])
    assert facts["threads"] == str(document["settings"]["threads"]["value"])
    two[1].update(versions=None)  # as a run from before anything of it was recorded
    facts = dict(gathered.described(two[1])["facts"])
    assert (facts["began on"], "processor" in facts) == (document["settings"]["device"]["value"], False)
