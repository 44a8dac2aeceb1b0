"""genmodels report: a page for runs of every family, told where it is, and never without a reason for what it lacks."""

import json
import re
import shlex
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

import genmodels
from genmodels.errors import UsageError
from genmodels.families import FAMILIES
from genmodels.families.alive import alive_of
from genmodels.pages import building
from genmodels.pages.building import _in_words, _is_of_all
from genmodels.pages.charts import charts_of, courses_of
from genmodels.pages.gathered import Section, described
from genmodels.pages.inlined import style
from genmodels.pages.leading import Lead, what_of
from genmodels.pages.words import WORDS
from genmodels.runs import RunDir
from genmodels.training.live import LivePage
from homes import HOMES


class Links(HTMLParser):
    """What a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action", "style"}]


def links_of(html: str) -> list[str]:
    reader = Links()
    reader.feed(html)
    return reader.found


@pytest.mark.parametrize("family", FAMILIES)
def test_runs_of_every_family_get_a_page_that_refers_to_nothing_outside(
    family: str, home_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home_of("trained text" if not HOMES[family].trainings else family)
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    runs = [run for run in genmodels.list_runs() if run.family == family][:2]
    told: list[str] = []
    html = genmodels.report(runs, tmp_path / "page.html", notice=told.append, progress=False).read_text("utf-8")
    assert [link for link in links_of(html) if not link.startswith(("data:", "#"))] == []
    assert all("too few" in one for one in told), told  # a text of a few lines has no units that follow something
    for run in runs:
        assert run.name in html
        assert ("The command that repeats it" in html) == bool(run.document()["argv"])
    data = json.loads(re.search(r'id="data">(.*?)</script>', html)[1])
    assert data["charts"][0]["lines"][0]["points"]
    for chart in data["charts"]:
        looks = [(line["colour"], line["held"], line["running"], line["longer"]) for line in chart["lines"]]
        assert len(set(looks)) == len(looks), "no two lines of a chart look alike"
    colours = re.findall(r"\.run-\d+ \{ --kind: (#\w+)", html)
    assert len(set(colours)) == len(runs), "two runs of a kind, too"
    titles = [chart["title"] for chart in data["charts"]]
    assert not {title for title in titles if "standard error" in title} | {"Utterances"} & set(titles)
    assert "NaN" not in html.split('id="data">')[1].split("</script>")[0]


def test_the_first_picture_stands_before_what_lives_where_it_is_of_all_runs() -> None:
    charts = [{"lines": [{"colour": "run-0"}, {"colour": "run-0"}]}, {"lines": [{"colour": "run-1"}]}]
    assert [_is_of_all(charts, names) for names in ("a", "ab")] == [True, False]
    assert _is_of_all([{"lines": [{"colour": "run-1"}, {"colour": "run-0"}]}], "ab")
    assert not _is_of_all([], "a")


@pytest.mark.parametrize("of_all", [True, False])
def test_what_lives_stands_on_the_first_screen_of_several_runs_with_what_each_learned(home_of, of_all: bool) -> None:
    run = genmodels.open_run(home_of("trained text") / "runs" / "tiny")
    told = building._told([run] * 2, ["a", "b"], [(1, alive_of(run)[0])], [{"part": "text", "networks": []}])
    more = {"charts": [{"title": "t"}], "measured": [], "words": [], "compared": None, "sections": [], "intro": []}
    more["lead"] = Lead(["The best is a."], [], [])
    html = building._rendered(told | more | {"picture_first": of_all}, {}, [], style([]))
    assert html.count('id="chart-0"') == 1
    assert (html.index('id="chart-0"') < html.index('id="alive-0-section"')) == of_all
    header, live = html[: html.index("</header>")], html[html.index('id="alive-0-section"') :]
    assert "and learned which character comes next" in live
    assert "and learned which" not in header
    assert re.findall(r"<p class=\"learned\">(.*?)</p>", header) == ["The best is a."]
    assert header.count("<p") == 2, "beside the links"


@pytest.mark.parametrize("charts", [1, 2])
def test_a_link_on_the_first_screen_leads_to_a_section_with_a_heading_of_its_name(home_of, charts: int) -> None:
    run = genmodels.open_run(home_of("trained text") / "runs" / "tiny")
    told = building._told([run], ["a"], [(0, alive_of(run)[0])], [{"part": "text", "networks": []}])
    section = {"run": 0, "name": "a", "section": Section("f", None, "", (), ())}
    more = {"charts": [{"title": "t"}] * charts, "measured": [], "words": [], "compared": None, "sections": [section]}
    more |= {"lead": None, "intro": []}
    html = building._rendered(told | more | {"picture_first": True}, {}, [], style([]))
    links = re.findall(r'<a href="#(.*?)">(.*?)</a>', html[html.index("<nav") : html.index("</nav>")])
    headed = dict(re.findall(r'<section id="(.*?)".*?<h2>(.*?)</h2>', html, re.DOTALL))
    assert [headed.get(where) for where, _ in links] == [called for _, called in links]
    assert ("How it learned" in headed.values()) == (charts == 2)


def test_charts_without_a_course_are_left_out_for_their_numbers_but_for_the_first() -> None:
    line = {"name": "test", "points": [[0, 5.0], [1, 3.25]]}
    charts = [{"title": name, "lines": [line]} for name in ("Loss", "Accuracy")]
    course = {"title": "Bits", "lines": [{**line, "points": [[0, 5.0], [1, 3.0], [2, 2.0]]}]}
    drawn, (table,) = courses_of([*charts, course])
    assert [chart["title"] for chart in drawn] == ["Loss", "Bits"]
    assert table["rows"] == [["Accuracy", "test", "0", "5"], ["Accuracy", "test", "1", "3.25"]]
    assert courses_of([course]) == ([course], [])


def test_runs_side_by_side_are_told_in_words_as_elsewhere_in_the_page(home_of, monkeypatch) -> None:
    monkeypatch.chdir(home_of("trained text"))
    run = genmodels.open_run("tiny")
    table = {"title": "", "heads": [], "rows": [
        ["held-out nll (nats/char)", "1.40041"], ["held-out accuracy", "0.5158"], ["best", "nll 1.40041"],
        ["time", "0.1234"],
    ]}  # fmt: skip
    assert _in_words(table, [run])["rows"] == [
        ["loss (nats per character), held-out", "1.400"],
        ["characters guessed right, held-out", "51.6%"],
        ["best", "nll 1.400"],
        ["time", "0.1234"],
    ]
    assert what_of([run]).startswith("A trained language model (")


@pytest.mark.parametrize("points", [1, 2])
def test_what_was_logged_is_a_line_of_two_points_that_ends_at_its_evaluation(
    home_of, monkeypatch: pytest.MonkeyPatch, points: int
) -> None:
    run = genmodels.open_run(home_of("trained text") / "runs" / "tiny")
    last = run.evaluations()[-1]
    logged = [{"step": last["step"] - 1 + number, "nll": 3.0} for number in range(2)][-points:]
    course = SimpleNamespace(while_training=logged, score="nll", epoch_of=lambda record: 0.001 * record["step"])
    monkeypatch.setattr("genmodels.families.run.Run.follow", lambda *_: course)
    lines = {line["name"]: line["points"] for line in charts_of([run], ["tiny"])[0]["lines"]}
    assert ("while training" in lines) == (points == 2), "one point is no line, so the legend has none"
    if points == 2:
        assert lines["while training"][-1][0] == last["epoch"] == lines["validation"][-1][0]


def test_each_word_is_told_in_a_line() -> None:
    assert all(len(word.meaning.split()) <= 20 and re.compile(word.pattern) for word in WORDS)
    assert len({word.anchor for word in WORDS}) == len(WORDS)
    assert [word.name.lower() for word in WORDS] == sorted(word.name.lower() for word in WORDS)


def test_a_best_score_has_the_digits_that_the_curve_has_and_none_that_were_not_measured(home_of, monkeypatch) -> None:
    run = genmodels.open_run(home_of("trained text") / "runs" / "tiny")
    from genmodels.families.whole import whole_summary_of

    summary = {**whole_summary_of(run), "best": 0.01840750124069137}
    monkeypatch.setattr("genmodels.pages.gathered.whole_summary_of", lambda _: summary)
    assert dict(described(run)["facts"])["best"].startswith("nll 0.01841 ")


def test_a_setting_and_the_word_of_its_name_are_told_apart() -> None:
    assert "--grey" in next(word.meaning for word in WORDS if word.name == "grey")


HOME = "trained text"


def test_the_command_writes_the_page_where_a_training_writes_it_and_says_how_large_it_is(at_home) -> None:
    outcome = at_home("report")
    assert outcome.code == 0, outcome.err
    path = Path("runs/tiny/report.html")
    assert LivePage(RunDir(Path("runs/tiny")), print).path == path, "a run has one page, the newest"
    assert outcome.out == f"{path}\n"
    assert re.search(r"one file that needs nothing else", outcome.err)
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_json_says_how_the_weights_of_each_network_are_held(at_home) -> None:
    facts = json.loads(at_home("report", "--run", "tiny", "--out", "a.html", "--json").out)
    assert facts["page"] == "a.html"
    assert facts["bytes"] == Path("a.html").stat().st_size
    assert [one["network"] for one in facts["alive"]] == [
        "at the end (epoch 2, the best)",
        "first kept (epoch 1)",
    ]
    assert all(one["error"] < 0.02 for one in facts["alive"])


def test_no_run_to_report_or_to_look_into_is_a_sentence() -> None:
    for asked in (genmodels.report, genmodels.compare_gradients, genmodels.explain_gradients):
        with pytest.raises(UsageError, match="no run is named"):
            asked([])


def test_the_first_screen_says_how_often_the_data_were_read_and_that_too_few_steps_say_little(at_home) -> None:
    at_home("report", "--run", "tiny", "--out", "a.html")
    assert re.search(r"It is hardly trained: \d+ steps, where 400 are a beginning\. It read .* again and again and",
                     Path("a.html").read_text("utf-8"))  # fmt: skip


def test_a_small_page_has_no_figures_and_the_best_network_alone(at_home) -> None:
    usual, small = (
        at_home("report", "--run", "tiny", "--out", "a.html", "--json", *more) for more in ((), ("--small",))
    )
    facts, whole = json.loads(small.out), json.loads(usual.out)
    assert [one["network"] for one in facts["alive"]] == ["at the end (epoch 2, the best)"]
    html = Path("a.html").read_text("utf-8")
    assert "<img" not in html
    assert "<h2>The record" in html
    assert facts["bytes"] == len(html.encode("utf-8")) < whole["bytes"]


def test_a_large_page_is_told_with_what_makes_it_so_and_how_it_becomes_smaller(
    at_home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genmodels.pages import building

    monkeypatch.setattr(building, "LARGE", 1000)
    told = at_home("report", "--run", "tiny", "--out", "a.html").err
    assert re.search(r"the page has [\d.]+ KiB, of which networks are [\d.]+ KiB: --small leaves out figures", told)
    assert "--small" not in at_home("report", "--run", "tiny", "--out", "a.html", "--small").err


def test_a_page_that_is_no_html_is_refused_before_anything_is_computed(at_home) -> None:
    outcome = at_home("report", "--out", "page.pdf")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--out page.pdf is no .html" in outcome.err


def test_open_hands_the_page_to_the_browser_and_says_so_where_there_is_none(at_home, monkeypatch) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)))
    outcome = at_home("report", "--run", "tiny", "--out", "a.html", "--open")
    assert opened == [Path("a.html").absolute().as_uri()]
    assert "no browser was found" in outcome.err


def test_a_run_whose_text_is_gone_still_gets_a_page_and_the_reason_for_what_it_lacks(
    at_home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    (source,) = map(Path, json.loads(Path("runs/tiny/run.json").read_text("utf-8"))["data"]["sources"])
    text = source.read_bytes()
    source.unlink()
    try:
        outcome = at_home("report", "--run", "tiny", "--out", "gone.html")
    finally:
        source.write_bytes(text)
    assert outcome.code == 0, outcome.err
    assert "no passage lies under the microscope" in outcome.err
    assert '"microscope":null' in Path("gone.html").read_text("utf-8")


def test_a_page_tells_settings_with_their_origin_the_command_and_what_happened_on_the_way(at_home) -> None:
    document = json.loads(Path("runs/tiny/run.json").read_text("utf-8"))
    document["plan"]["again"] = [17]
    document["argv"] = ["train-text", "it's here.txt", "--hidden-size", "12"]
    Path("runs/tiny/run.json").write_text(json.dumps(document), encoding="utf-8")
    checkpoints = Path("runs/tiny/checkpoints")
    state = checkpoints / (checkpoints / "last").read_text().strip() / "state.json"
    saved = json.loads(state.read_text("utf-8"))
    saved["progress"] |= {"rollbacks": 2, "resumed": [3, 8]}
    state.write_text(json.dumps(saved), encoding="utf-8")
    at_home("report", "--run", "tiny", "--out", "a.html")
    html = Path("a.html").read_text("utf-8")
    assert re.search(r"--hidden-size</code></td><td>12</td><td>flag</td>", html)
    command = re.search(r"<pre.*?><code>(.*?)</code>", html, re.DOTALL)[1]
    begun, further = unescape(command).split("\n")
    assert shlex.split(begun) == ["genmodels", *document["argv"]]
    assert further == "genmodels train-text --resume tiny ...   (how long is not recorded)"
    assert "it was gone on with, at step 17." in html
    assert "It went back to a saved state 2 times" in html
    assert "gone on with from the state saved at steps 3 and 8." in html
