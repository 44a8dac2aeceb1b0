"""Errors of networks that listen, and where they look, without the command line."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bars import Bars
from families.listening import rows_are_mappings
from genmodels.analysis.standard_errors import Each
from genmodels.analysis.word_errors import WordErrors
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError
from genmodels.families.chance import differences
from genmodels.families.speech import measuring
from genmodels.families.speech.context import _Found, _point, context
from genmodels.families.speech.errors import curves_of, side_by_side, word_errors
from genmodels.families.speech.grouping import Member
from genmodels.families.speech.measuring import NOISES, Asked, Measured, measure
from genmodels.families.speech.sureness import ERRORS, compared, freedom_of_rate, rate_error
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import UNREAD, Teller, silent
from genmodels.training.speech import prepare
from homes import whistled, write_words
from unit.figure_texts import said


def test_networks_that_are_not_trained_to_the_end_are_named_with_what_they_read(opened, tmp_path: Path) -> None:
    run = opened("narrow")
    half = replace(run, path=shutil.copytree(run.path, tmp_path / "half"))
    half.update(plan=half.plan() | {"total_steps": 2 * half.plan()["total_steps"]})
    for found in (word_errors([half], [1], utterances=2), context([half], utterances=2, looked_at=1)):
        (told,) = [remark for remark in found.remarks if remark.startswith("not trained to the end: half (stopped, ")]
        assert told[1:] in said(found.figure())


def test_what_a_training_measured_on_a_part_is_not_said_of_what_is_measured_now(opened, tmp_path: Path) -> None:
    run = opened("narrow")
    part = replace(run, path=shutil.copytree(run.path, tmp_path / "part"))
    part.update(plan=part.plan() | {"measured_share": 0.125})
    for found in (word_errors([part], [1], utterances=2), context([part], utterances=2, looked_at=1)):
        assert not any("held out" in remark for remark in found.remarks)
        assert "held out" not in said(found.figure())


def test_reading_has_one_bar_for_all_networks(opened) -> None:
    bars = Bars()
    runs = [replace(opened(name), teller=Teller(silent, bars.counting)) for name in ("narrow", "hears")]
    word_errors(runs, [1, 2], utterances=4)
    word_errors(runs[:1], [1, 2], utterances=4)
    told = {what: (total, sum(done)) for what, (total, done) in bars.seen.items() if "listen" in what}
    assert list(told) == ["2 networks listen", "narrow listens"]
    assert all(total == done for total, done in told.values())


def test_errors_are_told_by_length_noise_and_speaker(opened, notices: list[str], tmp_path: Path) -> None:
    exhibit = word_errors([opened("hears")], utterances=6)
    parts = [row["part"] for row in exhibit.facts["results"]]
    assert parts[:8] == [
        "alone", "alone, known to be one", "1 word", "2 words", "3 words", "4 words", "1-2 words", "3-4 words",
    ]  # fmt: skip
    assert parts[8:12] == [f"noise {level} dB" for level in (20, 10, 5, 0)]
    assert set(parts[12:]) <= {"speaker ann", "speaker bob", "speaker cyd"}
    by_part = {row["part"]: row for row in exhibit.facts["results"]}
    assert by_part["alone"]["utterances"] == sum(by_part[part]["utterances"] for part in parts[12:]) == 7
    assert by_part["1-2 words"]["utterances"] == 12
    assert by_part["1-2 words"]["word_error_rate"] < 0.5, "guessing gives 2 of 3"
    assert by_part["alone, known to be one"]["word_error_rate"] <= by_part["alone"]["word_error_rate"]
    (network,) = exhibit.facts["networks"]
    assert np.sum(network["confusion"]) == 7
    assert np.shape(network["confusion"]) == (3, 5)
    rows_are_mappings(exhibit)
    assert len(exhibit.tables) == 1
    assert word_errors([opened("hears")], utterances=6).facts == exhibit.facts
    assert exhibit.save(tmp_path / "errors.csv").read_text().startswith("run,model,part,utterances,word_error_rate")
    assert notices == []


def test_many_rows_are_few_for_a_person_and_all_for_programs(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.families.speech.errors.MOST_ROWS", 5)
    monkeypatch.setattr("genmodels.families.speech.measuring.SPEAKERS_SHOWN", 1)
    monkeypatch.setattr("genmodels.families.speech.errors.SPEAKERS_SHOWN", 1)
    heard = {name: WordErrors(4, 4 - wrong, wrong, 4) for name, wrong in (("ann", 1), ("bob", 0), ("cyd", 3), ("d", 2))}
    monkeypatch.setattr(Measured, "by_speaker", property(lambda _: heard))
    exhibit = word_errors([opened("hears")], utterances=6)
    (table,), rows = exhibit.tables, exhibit.facts["results"]
    parts = [cells[2] for cells in table.spoken_cells()]
    assert parts == [
        "alone", "1-2 words", "3-4 words", *(f"noise {level} dB" for level in (20, 10, 5, 0)), "speaker cyd",
        "speaker bob",
    ]  # fmt: skip
    assert f"the 1 worst and the 1 best of 4 speakers; --csv and --json have all {len(rows)} rows" in table.title
    assert len(table.cells()) == len(rows) == len(table.as_csv().decode().splitlines()) - 1
    assert table._repr_html_().count("<tr>") == 1 + len(parts)
    assert word_errors([opened("hears")], [1], utterances=2).tables[0].title.endswith("rows")


def test_lengths_come_in_order_once_each(opened) -> None:
    exhibit = word_errors([opened("narrow")], [3, 1, 3], utterances=2, decode="beam", beam_width=3)
    assert exhibit.facts["beam_width"] == 3
    spans = [row["part"] for row in exhibit.facts["results"] if row["part"].endswith(("word", "words"))]
    assert spans == ["1 word", "3 words"]


def test_runs_that_differ_by_their_seed_are_one_with_its_spread(opened, tmp_path: Path) -> None:
    asked = Asked([1, 3], 3, NOISES, 1, 1)
    one = measure(opened("narrow"), "one", opened("narrow").words(), asked, torch.device("cpu"), silent)
    settings, by = one.about.settings, {"made_of": np.arange(3)[:, None], "drawn_from": np.zeros(3, np.int64)}
    one = replace(one, by_length={n: replace(e, each=replace(e.each, **by)) for n, e in one.by_length.items()})
    two = replace(one, name="two", about=replace(one.about, settings=replace(settings, seed=77)))
    two = replace(two, by_length=dict.fromkeys(one.by_length, WordErrors(3, 0, 1, 4)))
    other = replace(one, name="other", about=replace(one.about, settings=replace(settings, dropout=0.5)))
    exhibit = side_by_side([one, two, other], "title", {})
    groups = exhibit.facts["groups"]
    assert [(group["network"], group["runs"]) for group in groups] == [
        ("window of 5 frames, one", 2), ("window of 5 frames, other", 1),
    ]  # fmt: skip
    rates = [one.by_length[1].word_error_rate, 0.25]
    assert groups[0]["usual"] == pytest.approx(np.mean(rates))
    assert groups[0]["spread"] == pytest.approx(np.std(rates, ddof=1))
    assert groups[1]["spread"] is None
    single = one.by_length[1].each.rate_error
    assert groups[1]["usual_standard_error"] == (None if single is None else pytest.approx(single))
    assert [curves_of(name, group).freedom for name, group in (("a", [one, two]), ("b", [one]))] == [1, 2]
    seen = [_Found({}, found.by_length[1], found.alone, "same") for found in (one, two)]
    members = [Member(name, settings, "set", found) for name, found in zip("ab", seen, strict=True)]
    assert [_point("a", group).freedom for group in (members, members[:1])] == [1, 2]
    assert len(exhibit.tables) == 2
    assert b"<svg" in exhibit.save(tmp_path / "both.svg").read_bytes()
    single = side_by_side([one, replace(one, about=replace(one.about, settings=replace(settings, window=1)))], "t", {})
    assert [group["network"] for group in single.facts["groups"]] == ["window of 5 frames", "window of 1 frame"]


def test_trainings_and_utterances_are_both_in_the_error_of_a_group_and_in_its_differences() -> None:
    def errors(wrong: list[int]) -> WordErrors:
        return WordErrors(4, wrong.count(0), sum(wrong), 8, each=Each.of(wrong, [2] * 4))

    first, second, other = errors([0, 1, 0, 2]), errors([1, 1, 0, 0]), errors([0, 2, 2, 2])
    found = rate_error([(first, "same"), (second, "same")])
    mean_each, spread = np.array([0.5, 1.0, 0.0, 1.0]), np.var([3 / 8, 2 / 8], ddof=1) / 2
    assert found == pytest.approx(np.sqrt(4 * mean_each.var(ddof=1) / 64 + spread))
    assert rate_error([(first, "same")]) == first.each.rate_error
    assert freedom_of_rate([(first, "same"), (second, "same")]) == 1
    assert freedom_of_rate([(first, "same")]) == 0
    group = compared("both", [(first, "same"), (second, "same")])
    (by,) = differences([group, compared("one", [(other, "same")])], ERRORS, "all")
    apart = np.array([0, 2, 2, 2]) - mean_each
    assert by["paired"]
    trainings = 3 * spread  # as a single training varies as these two do
    assert by["difference_standard_error"] == pytest.approx(np.sqrt(4 * apart.var(ddof=1) / 64 + trainings))
    (unpaired,) = differences([group, compared("one", [(other, "else")])], ERRORS, "all")
    assert not unpaired["paired"]


def test_clips_of_other_sets_are_other_clips_though_their_numbers_are_the_same() -> None:
    """One clip is misread in all utterances of a set, and none in those of the other."""
    one, other = (
        WordErrors(4, 4 - sum(wrong), sum(wrong), 4, each=Each.of(wrong, [1] * 4, made_of=np.zeros((4, 1), np.int64)))
        for wrong in ([1, 1, 1, 1], [0, 0, 0, 0])
    )
    of_one_set, of_two = (compared("both", [(one, "a"), (other, what)]).read.made_of for what in ("a", "b"))
    assert np.unique(of_one_set).tolist() == [0]
    assert of_two.ravel().tolist() == [0] * 4 + [1] * 4


def test_networks_that_read_the_same_utterances_are_paired_and_those_of_other_speakers_not_compared(opened) -> None:
    exhibit = word_errors([opened("narrow"), opened("both")], [1, 3], utterances=5)
    found = exhibit.facts["differences"]
    assert [one["of"] for one in found] == ["alone", "1 word", "3 words"]
    assert all(one["paired"] for one in found)
    rows = {(row["run"], row["part"]): row for row in exhibit.facts["results"]}
    for one in found[1:]:
        rates = [rows[name, one["of"]]["word_error_rate"] for name in ("narrow", "both")]
        assert one["difference"] == pytest.approx(max(rates) - min(rates))
    told = [one for one in found[1:] if one["may_be_chance"] and one["reached"] < UNREAD]
    assert len([remark for remark in exhibit.remarks if "told apart" in remark]) == len(told)
    unread = any(one["reached"] >= UNREAD for one in found[1:])
    assert any("none of them reads yet" in remark for remark in exhibit.remarks) == unread
    assert word_errors([opened("narrow"), opened("bobless")], [1], utterances=2).facts["differences"] == []


def test_networks_that_were_given_one_time_and_took_others_are_told(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = iter([60.0, 90.0, 60.0, 70.0, 60.0, 90.0])

    def timed(minutes: float | None):
        def measured(*asked) -> Measured:
            found = measure(*asked)
            about = replace(found.about, settings=replace(found.about.settings, minutes=minutes))
            return replace(found, seconds=next(taken), about=about)

        return measured

    told = []
    for minutes in (1.0, 1.0, None):
        monkeypatch.setattr(measuring, "measure", timed(minutes))
        found = word_errors([opened("both"), opened("narrow")], [1], utterances=1)
        told.append("hey took unequal times" in found.figure().texts[-1].get_text().replace("\n", " "))
    assert [row["seconds"] for row in found.facts["groups"]] == [60.0, 90.0]
    assert told == [True, False, False]


def test_another_set_is_read_with_the_words_that_are_known(opened, notices: list[str], tmp_path: Path) -> None:
    write_words(tmp_path / "more", ["ann", "bob", "cyd", "dan", "eve"], 12)
    for path in [path for who in ("ann", "bob", "cyd") for path in (tmp_path / "more").glob(f"*_{who}_*")]:
        path.unlink()  # whom the network learned from
    for path in sorted((tmp_path / "more").glob("low_*")):
        path.rename(path.with_name(path.name.replace("low", "deep")))
    exhibit = word_errors([opened("narrow")], [1], utterances=2, on=str(tmp_path / "more"))
    clips = open_words(str(tmp_path / "more"), silent).test
    strange = sum(word == 0 for word in clips.words.tolist())
    assert 0 < strange < len(clips)
    assert notices[-1].startswith(f"{strange} of {len(clips)} clips hold words that")
    assert exhibit.facts["results"][0]["utterances"] == len(clips) - strange
    assert {row["part"] for row in exhibit.facts["results"]} & {"speaker dan", "speaker eve"}
    for path in sorted((tmp_path / "more").iterdir()):
        path.rename(path.with_name("x" + path.name))
    with pytest.raises(DataError, match=r"holds none of the words that .*narrow knows: high, low, rising"):
        word_errors([opened("narrow")], [1], utterances=2, on=str(tmp_path / "more"))


def test_a_speaker_left_out_is_not_in_any_training_and_is_all_that_is_tested_on(opened) -> None:
    words, bob = whistled(), 1
    task = prepare(SpeechSettings(leave_out="bob", parameters=2500, device="cpu"), words)
    for clips in (task.train.clips, task.measured.clips):
        assert set(clips.speakers.tolist()) == {0, 2}
    assert len(task.train.clips) + len(task.measured.clips) == 48
    tested = opened("bobless").words().test
    assert set(tested.speakers.tolist()) == {bob}
    assert len(tested) == 24
    assert {row["part"] for row in word_errors([opened("bobless")], [1], utterances=1).facts["results"]} == {
        "alone", "alone, known to be one", "1 word", "noise 20 dB", "noise 10 dB", "noise 5 dB", "noise 0 dB",
        "speaker bob",
    }  # fmt: skip


def test_without_validation_the_test_part_chooses_the_best_epoch() -> None:
    task = prepare(SpeechSettings(validation=0, parameters=2500, device="cpu"), whistled())
    assert task.held_out == "test"
    assert task.measured.clips is whistled().test
    assert len(task.train.clips) == len(whistled().train)


def test_what_a_network_misses_is_told_alike_in_the_figure_and_beside_the_table(opened) -> None:
    found = word_errors([opened("narrow")], [1], utterances=20)
    (told,) = found.remarks
    assert told.startswith("next to nothing is read by narrow")
    assert told[1:] in said(found.figure())


def test_the_context_says_what_a_network_sees_and_where_it_looks(opened, notices: list[str], tmp_path: Path) -> None:
    exhibit = context([opened("narrow"), opened("bobless"), opened("both")], utterances=4, looked_at=2)
    narrow, forwards, both = exhibit.facts["networks"]
    assert narrow["words"] >= narrow["utterances"] == 4
    assert (narrow["past_ms"], narrow["future_ms"]) == (32.5, 32.5)
    assert (forwards["past_ms"], forwards["future_ms"]) == ("all", 32.5)
    assert (both["past_ms"], both["future_ms"]) == ("all", "all")
    assert narrow["utterances"] == 4
    assert -25 <= narrow["looks_from_ms"] < narrow["looks_to_ms"] <= 25
    assert forwards["looks_from_ms"] < narrow["looks_from_ms"]
    assert [look["words"] for look in exhibit.facts["looks"]] == [10, 10, 10]
    assert len(exhibit.facts["differences"]) == 2
    assert {one["of"] for one in exhibit.facts["differences"]} == {"all utterances"}
    assert narrow["word_error_rate_standard_error"] is None or narrow["word_error_rate_standard_error"] > 0
    assert b"<svg" in exhibit.save(tmp_path / "context.svg").read_bytes()
    few = next(remark for remark in exhibit.remarks if "hardly tell which is better" in remark)
    assert f"window 5 {narrow['steps']}" in few
    assert few[1:] in said(exhibit.figure())
    rows_are_mappings(exhibit)
    assert notices == []
    whose = "narrow, bobless and both (speech recogniser)"
    assert exhibit.title == f"How much {whose} hear at once, how well they read words, and where they look"
    context([opened("narrow"), opened("both")], utterances=3, looked_at=1)
    assert notices == ["each network reads 4 utterances, not 3: as many of each of 2 lengths"]
    (alone,) = context([opened("narrow")], utterances=4, looked_at=2).facts["networks"]
    assert alone | {"run": ""} == narrow | {"run": ""}, "whatever stands beside it"
