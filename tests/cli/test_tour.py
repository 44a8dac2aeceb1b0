"""genmodels tour: a small network of each family and their page; stopped, gone on with, begun anew, and says which."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import genmodels
from cli.mistakes import check
from genmodels.data.images.digits import render_digits
from genmodels.data.sound.sets import opening
from genmodels.families import FAMILIES
from genmodels.pages import building
from genmodels.touring import INTRO, Stations
from homes import TINY_TEXT
from spoken import few_voices

TINY = {
    "text": {"hidden_size": 8, "embedding_size": 6, "batch_size": 4, "window": 16, "sample_length": 10},
    "vae": {"hidden_size": 8, "channels": 2, "latent_size": 2, "batch_size": 20},
    "pixelrnn": {"channels": 2, "layers": 1, "batch_size": 20},
    "gan": {"channels": 2, "latent_size": 2, "batch_size": 20},
    "reader": {"channels": 2, "hidden_size": 8, "longest": 2, "strips": 64, "tested_strips": 8},
    "speech": {"parameters": 3600, "longest": 2, "utterances": 32, "tested_utterances": 4},
}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, corpus_file: Path) -> None:
    """All stations with tiny networks, tiny sets and a moment of training; the page's figures are left out."""
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    monkeypatch.setattr("genmodels.data.images.opening.render_digits", lambda: render_digits(60, 20))
    monkeypatch.setitem(opening._KNOWN, "voices", few_voices)
    monkeypatch.setattr(building, "sections_of", lambda *_: [])
    for name, row in list(FAMILIES.items()):
        assert row.tour is not None
        settings = {**TINY[name], "threads": 1}
        tour = dataclasses.replace(row.tour, seconds=0.6, settings=settings)
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(row, tour=tour))


def test_every_family_has_a_station_whose_settings_it_has() -> None:
    for row in FAMILIES.values():
        assert row.tour is not None
        row.settings.from_mapping(row.tour.settings)
        assert row.tour.told.endswith(".")
        assert row.tour.dataset in {None, "digits", "voices"}
    assert sum(row.tour.seconds + row.tour.before for row in FAMILIES.values()) <= 150  # and the page takes some time


def test_what_a_station_ends_with_is_an_average_and_never_better_than_it_was() -> None:
    def said(family: str, **record: float) -> str:
        tour = FAMILIES[family].tour
        assert tour is not None
        return tour.result(record)

    assert said("reader", character_error_rate=0.003).endswith("it makes 0.3 errors in 100 digits.")
    assert said("reader", character_error_rate=1.2).endswith("it makes 120 errors in 100 digits."), "some are inserted"
    heard = said("speech", word_error_rate=0.01)
    assert heard == "In recordings that it never heard, of the same words, it makes 1 error in 100 words."
    for told in (said("text", nll=1.5), said("vae", elbo=-80.0), said("pixelrnn", nll=80.0)):
        assert "on average" in told


def test_a_tour_trains_one_of_each_family_and_a_second_one_begins_anew_and_says_so(cli, short) -> None:
    outcome = cli("tour", "--json", "--no-open")
    assert outcome.code == 0, outcome.err
    facts = json.loads(outcome.out)
    assert facts["runs"].keys() == FAMILIES.keys()
    assert facts["page"] == "runs/tour.html"
    page = Path("runs/tour.html").read_text("utf-8")
    for family, row in FAMILIES.items():
        assert row.tour.told in outcome.err
        run = genmodels.open_run(f"tour-{family}")
        assert run.facts["state"] == "finished"
        assert f"It lies in runs/tour-{family}." in outcome.err
        assert run.name in page
        assert run.document()["argv"][0] == row.train_command
    assert outcome.err.startswith("6 networks are going to be trained")
    told = " ".join(outcome.err.split())
    whole = f"{INTRO} The page is small: it has no figures, and of each run the best epoch's network alone."
    assert f"{whole} The whole page of one: genmodels report --run runs/tour-text" in told
    assert all(one in page for one in (INTRO, "The page is small", "They are of different families"))
    cards = page[page.index('class="cards"') : page.index('id="alive-0-section"')]
    assert cards.count("<figure") == len(FAMILIES)
    assert "In recordings that it never heard" in cards
    assert "note: " not in outcome.err.partition("All 6 are trained.")[0], "that they are hardly trained is no news"
    places = [re.search(rf"{number} of 6, .* left in all\. ", outcome.err) for number in range(1, 7)]
    assert all(places)
    before = {path: path.stat().st_mtime_ns for path in Path("runs").glob("tour-*/run.json")}
    again = cli("tour", "--no-open")
    assert again.code == 0, again.err
    assert again.out == "runs/tour-2.html\n"
    made = Path("runs/tour.html").absolute()
    assert f"The tour before is complete ({made}); another one begins, whose runs are tour-2-..." in again.err
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(genmodels.list_runs()) == 12


def test_a_tour_that_was_stopped_goes_on_where_it_was(cli, short, monkeypatch) -> None:
    import genmodels.touring as touring

    trained, stopped = touring.train, genmodels.Stopped("stopped after step 1", "x", 130)

    def stopping(task, row, *others):
        if row.name == "pixelrnn":
            raise stopped
        return trained(task, row, *others)

    monkeypatch.setattr(touring, "train", stopping)
    outcome = cli("tour", "--no-open")
    assert outcome.code == 130
    assert outcome.err.endswith(
        "the tour is stopped; what is trained is kept in runs\nhint: the same command goes on with the tour.\n"
    )
    weights = {path: path.read_bytes() for path in Path("runs").glob("tour-*/checkpoints/*/model.safetensors")}
    assert {path.parts[1] for path in weights} == {"tour-text", "tour-vae"}
    monkeypatch.setattr(touring, "train", trained)
    outcome = cli("tour", "--no-open", "--out", "all.html")
    assert outcome.code == 0, outcome.err
    assert outcome.out == "all.html\n"
    assert outcome.err.startswith("The tour that was stopped goes on: 2 of 6 networks are trained already.")
    assert "1 of 6: runs/tour-text is trained already." in outcome.err
    assert {path: path.read_bytes() for path in weights} == weights
    assert len(genmodels.list_runs()) == 6
    Path("all.html").unlink()  # as a stop while the page is made leaves it
    outcome = cli("tour", "--no-open", "--out", "all.html")
    assert outcome.err.startswith("The tour that was stopped goes on: 6 of 6 networks are trained already.")
    assert Path("all.html").exists()


def test_a_run_of_a_tour_that_was_changed_goes_on_where_that_is_accepted(cli, short, monkeypatch) -> None:
    import genmodels.touring as touring

    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    with monkeypatch.context() as patch:
        patch.setattr(touring, "train", lambda *_: (_ for _ in ()).throw(genmodels.Stopped("stopped", "x", 130)))
        assert cli("tour", "--no-open").code == 130
    path = Path("runs/tour-text/run.json")
    document = json.loads(path.read_text())
    document["settings"]["seed"]["value"] += 1
    path.write_text(json.dumps(document))
    refused = cli("tour", "--no-open")
    assert refused.code == 4
    assert "tour-text is not as it was left: run.json: it was changed by another hand" in refused.err
    assert "with --accept-changes it goes on as it is" in refused.err.replace("\n", " ")
    outcome = cli("tour", "--no-open", "--accept-changes")
    assert outcome.code == 0, outcome.err
    assert "goes on with what was changed, which its run.json records" in outcome.err.replace("\n", " ")
    assert json.loads(path.read_text())["accepted"]


def test_a_complete_tour_is_complete_wherever_the_next_page_is_to_go(cli, short, monkeypatch) -> None:
    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    assert cli("tour", "--no-open", "-q", "--out", "a.html").code == 0
    outcome = cli("tour", "--no-open", "--out", "b.html")
    assert f"The tour before is complete ({Path('a.html').absolute()}); another one begins" in outcome.err
    assert {run.name for run in genmodels.list_runs()} == {"tour-text", "tour-2-text"}


def test_runs_of_somebody_else_are_none_of_a_tour(cli, short, monkeypatch, corpus_file: Path) -> None:
    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    assert cli("train-text", str(corpus_file), "--name", "tour-text", *TINY_TEXT).code == 0
    document = Path("runs/tour-text/run.json").read_bytes()
    outcome = cli("tour", "--no-open")
    assert outcome.code == 0, outcome.err
    assert outcome.err.startswith("1 network is going to be trained")
    assert Path("runs/tour-text/run.json").read_bytes() == document
    assert (outcome.out, Path("runs/tour-2-text").is_dir()) == ("runs/tour-2.html\n", True)


def test_ctrl_c_while_the_page_is_made_is_a_stop_like_any_other(cli, short, monkeypatch) -> None:
    import genmodels.touring as touring

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(touring, "build_page", interrupted)
    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    outcome = cli("tour", "--no-open")
    assert outcome.code == 130
    assert "the tour is stopped; what is trained is kept in runs" in outcome.err
    assert not Path("runs/tour.html").exists()


def test_a_real_ctrl_c_keeps_what_is_there(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "genmodels", "tour", "--no-open"]
    with (tmp_path / "err.txt").open("w") as err:
        process = subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=err)
        try:
            deadline = time.monotonic() + 120
            metrics = tmp_path / "runs" / "tour-text" / "metrics.jsonl"
            while not (metrics.exists() and metrics.stat().st_size) and time.monotonic() < deadline:
                time.sleep(0.1)
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(timeout=60) == 130, (tmp_path / "err.txt").read_text()
        finally:
            process.kill()
    assert "the same command goes on with the tour" in (tmp_path / "err.txt").read_text()
    assert genmodels.RunDir(tmp_path / "runs" / "tour-text").steps()


def test_the_browser_is_asked_only_where_somebody_watches_or_asks(cli, short, monkeypatch) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)))
    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    assert cli("tour", "-q").code == 0
    assert opened == []
    outcome = cli("tour", "--open", "--out", "a.html")
    assert outcome.code == 0
    assert opened == [Path("a.html").absolute().as_uri()]
    assert "no browser was found to open it in" in outcome.err


def test_a_page_that_is_none_is_refused_before_anything_is_trained(cli) -> None:
    check(cli("tour", "--out", "tour.pdf"), 2, "--out tour.pdf is no .html")
    assert not Path("runs").exists()


def test_what_is_left_counts_down_by_the_stations() -> None:
    stations = Stations(["a", "b"], None, seconds=[20.0, 30.0, 10.0])
    assert stations.left(5.0, None) == 55
    assert stations.left(90.0, 1.0) == 40
    stations.taken.append(90.0)
    assert stations.told(10.0, None) == "b, 2 of 2, 30 s left in all"


def test_a_tour_in_python_tells_its_sentences_to_the_notice(tmp_path: Path, short, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(FAMILIES)[1:]:
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(FAMILIES[name], tour=None))
    told: list[str] = []
    assert genmodels.tour("page.html", runs="mine", notice=told.append) == Path("page.html")
    assert told[0].startswith("1 network is going to be trained")
    assert (tmp_path / "mine" / "tour-text" / "run.json").exists()
