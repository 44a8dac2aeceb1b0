"""What a text run can be asked from Python, and how one is made: no command line takes part."""

import io
import json
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import genmodels
from genmodels.analysis.gates import Tracker
from genmodels.analysis.text_quality import nearest_of
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.errors import DataError, RunError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import FAMILIES, open_run
from genmodels.families.side_by_side import side_by_side
from genmodels.families.text import TEXT, TextRun, starting
from genmodels.families.text.comparing import TextComparison
from genmodels.families.text.gradients import gradients_of
from genmodels.families.text.vanishing import why_of
from genmodels.families.vae import VaeRun
from genmodels.settings.sampling import SampleSettings
from genmodels.telling import Teller, duration, silent
from genmodels.training.reporting import QuietReporter, Several
from homes import NGRAM, SENTENCES, TINY_RUN


def test_the_row_comes_first_and_its_runs_are_opened_as_what_they_are(run, text_home) -> None:
    assert next(iter(FAMILIES.values())) is TEXT
    opened = open_run(text_home / "runs", None, TextRun, Teller())
    assert type(opened) is TextRun
    assert opened == run
    with pytest.raises(RunError, match="there is no vae run"):
        open_run(text_home / "runs", None, VaeRun, Teller())


def test_a_run_on_a_given_text_is_kept_as_one_on_standard_input_and_goes_on_from_the_cache(run, monkeypatch) -> None:
    described = run.document()["data"]
    assert described["sources"] == ["-"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((SENTENCES * 60).encode())))
    piped = open_corpus(["-"], HowRead(), silent)
    assert piped.fingerprint == described["fingerprint"]
    task = run.restore(silent)
    assert task.prompt == run.document()["prompt"]
    assert task.steps_per_epoch > 0
    train, validation = run.splits()
    assert train.corpus.text(0, validation.stop) == SENTENCES * 60


def test_a_given_text_is_read_in_the_encoding_asked_for_and_no_file_stands_beside_it() -> None:
    latin = open_corpus([], HowRead(encoding="latin-1"), silent, text="Stra\u00dfe\r\n" * 9)
    assert latin.text(0, 7) == "Stra\u00dfe\n"
    raw = open_corpus([], HowRead(as_bytes=True), silent, text="\u00df\r\n")
    assert raw.read(0, 9).tolist() == [0xC3, 0x9F, 13, 10]
    with pytest.raises(DataError, match=r"'\\u03a9' at 1, which latin-1 can't hold"):
        open_corpus([], HowRead(encoding="latin-1"), silent, text="a\u03a9")
    with pytest.raises(DataError, match="is empty"):
        open_corpus([], HowRead(), silent, text="")
    with pytest.raises(UsageError, match=r"the text itself and a\.txt contradict each other"):
        open_corpus(["a.txt"], HowRead(), silent, text="a")


def test_new_runs_take_parents_and_refuse_another_architecture(run, text_home) -> None:
    child = genmodels.train_text(
        text=SENTENCES * 60 + "\u00df", init_from=run.path, name="child", runs=text_home / "children",
        **{name: TINY_RUN[name] for name in ("batch_size", "window", "sample_length")}, epochs=1,
    )  # fmt: skip
    assert child.document()["init_from"] == "tiny"
    assert child.setting("hidden_size") == 12
    assert len(child.writer().vocabulary) == len(run.writer().vocabulary) + 1
    with pytest.raises(UsageError, match="--hidden-size 13 contradicts --init-from tiny, which has 12"):
        starting.settings_of({"hidden_size": 13}, None, run)
    with pytest.raises(UsageError, match="there is no setting 'hiden_size'"):
        genmodels.train_text(text=SENTENCES, runs=text_home / "none", hiden_size=3)
    assert not (text_home / "none").exists()


def test_the_text_of_another_run_is_read_as_the_new_one_asks(run, text_home) -> None:
    small = {name: TINY_RUN[name] for name in ("hidden_size", "embedding_size", "batch_size", "window")}
    here, told = {"epochs": 1, "runs": text_home / "again"}, []
    (text_home / "told.txt").write_text(SENTENCES * 20, encoding="utf-8")
    first = genmodels.train_text(text_home / "told.txt", name="first", **small, **here)
    config = first.path / "run.json"
    raw = genmodels.train_text(config=config, name="raw", bytes=True, **here)
    assert (raw.setting("bytes"), raw.document()["data"]["sources"]) == (True, first.document()["data"]["sources"])
    child = genmodels.train_text(config=config, init_from=first, name="child", notice=told.append, **here)
    assert child.document()["data"]["extends"] is not None
    assert any(sentence.startswith("takes the text of the run too, as --config ") for sentence in told)
    same = genmodels.train_text(config=run.path / "run.json", name="same", **here)
    assert same.document()["data"] == run.document()["data"], "which came through standard input, from the cache"
    with pytest.raises(DataError, match="came through standard input, so it can't be read in another way"):
        genmodels.train_text(config=run.path / "run.json", name="none", bytes=True, **here)


def test_samples_at_several_temperatures_are_those_of_each_alone(run) -> None:
    both = run.sample(temperature=(0.25, 1.5), length=40)
    assert [sample.temperature for sample in both] == [0.25, 1.5]
    assert both[1].text == run.sample(temperature=1.5, length=40)[0].text
    assert run.sample(length=40, seed=2)[0].text != run.sample(length=40)[0].text
    assert len(run.sample(length=10, count=3)) == 3
    assert all(len(s.log_probabilities) == len(s.text) == 40 for s in both)
    assert run.sample(length=200, temperature=1.0, stop="t")[0].text.count("t") == 0


def test_a_prompt_is_a_text_its_bytes_a_file_or_an_open_file(run, tmp_path) -> None:
    path = tmp_path / "prompt.txt"
    path.write_bytes(b"the dog\r\n")
    for prompt in ("the dog\n", b"the dog\n", path, io.BytesIO(b"the dog\n")):
        sheet = run.sheet(prompt, SampleSettings(length=20))
        assert sheet.prompt == "the dog\n"
        assert sheet.cells[0].sample == run.sample("the dog\n", length=20)[0]
    assert run.sheet().prompt == run.document()["prompt"]
    with pytest.raises(DataError, match="the prompt is empty"):
        run.sample("")
    with pytest.raises(DataError, match=r"cannot be read: No such file"):
        run.sample(tmp_path / "none.txt")
    with pytest.raises(DataError, match="not UTF-8 at byte 1"):
        run.sample(b"a\xff")


def test_what_the_run_does_not_know_in_a_prompt_is_an_error_or_left_out(run) -> None:
    told: list[str] = []
    asked = TextRun(run.path, Teller(told.append))
    assert asked.sheet("the \u03a9", SampleSettings(length=5), unknown="skip").prompt == "the "
    assert told == ["left out 1 character of the prompt that the run does not know"]
    with pytest.raises(DataError, match="'\u03a9' in the prompt is not in the vocabulary") as refused:
        run.sample("the \u03a9")
    assert "unknown='skip'" in str(refused.value.hint)
    with pytest.raises(DataError) as refused:
        run.sample("\u03a9\u6f22")
    assert refused.value.hint == "use only characters of the training text; without these nothing is left."
    with pytest.raises(DataError, match="the prompt has no character that the run knows"):
        run.sample("\u03a9\u6f22", unknown="skip")
    with pytest.raises(UsageError, match="unknown='drop' is unknown"):
        run.sample(unknown="drop")


def test_a_stream_is_the_sample_piece_by_piece(run) -> None:
    prompt, pieces = run.stream("the ", SampleSettings(length=30), epoch=1)
    assert prompt == "the "
    assert b"".join(pieces).decode() == run.sample("the ", length=30, epoch=1)[0].text


def test_a_sheet_has_a_row_for_each_epoch_and_text_and_a_column_for_each_temperature(run, tmp_path) -> None:
    how = SampleSettings(temperature=(0.25, 1.5), length=30, count=2)
    sheet = run.sheet("the ", how, epochs=[1, 2])
    (table,) = sheet.tables
    assert table.heads == ["epoch", "temperature 0.25", "temperature 1.5"]
    assert [row[0] for row in table.cells()] == ["1", "", "2", ""]
    assert all(text.startswith("the ") for row in table.cells() for text in row[1:])
    assert [s["epoch"] for s in sheet.facts["samples"]] == [1] * 4 + [2] * 4
    assert sheet.content.count("=== epoch") == 8
    assert "=== epoch 1, temperature 1.5, text 2\nthe " in sheet.content
    assert sheet.save(tmp_path / "sheet.txt").read_text(encoding="utf-8") == sheet.content
    assert json.loads(sheet.save(tmp_path / "sheet.json").read_bytes()) == json.loads(json.dumps(sheet.facts))
    assert len(sheet.save(tmp_path / "sheet.csv").read_text(encoding="utf-8").splitlines()) > 4
    with pytest.raises(UsageError, match="no known ending"):
        sheet.save(tmp_path / "sheet.doc")
    assert "temperature 1.5" in sheet._repr_html_()


def test_a_judged_sheet_carries_its_measures_and_tells_those_of_the_held_out_text(run) -> None:
    sheet = run.sheet(how=SampleSettings(length=60, temperature=(0.5,)), judge=True)
    assert sheet.facts["samples"][0]["quality"]["characters"] == 60
    assert "[real words " in sheet.content
    assert [remark.partition(" characters of")[0] for remark in sheet.remarks] == ["60"]
    with pytest.raises(DataError, match="an empty text can't be judged"):
        run.sheet(how=SampleSettings(length=9, count=9, stop="t"), judge=True)


def test_scores_of_the_validation_text_are_those_of_the_training(run) -> None:
    found = run.score(epochs=[1, 2], protocol="carried")
    evaluated = [record["nll"] for record in run.evaluations() if record["epoch"] > 0]
    assert [row["nll"] for row in found.facts["results"]] == pytest.approx(evaluated)
    assert found.facts["text"] is None
    assert [row["protocol"] for row in run.score().facts["results"]] == ["carried", "windows"]
    assert found.tables[0].heads[:3] == ["epoch", "protocol", "predicted"]


def test_a_file_and_the_same_text_score_alike_beside_the_baselines(run, tmp_path) -> None:
    path = tmp_path / "other.txt"
    path.write_text(SENTENCES[::-1], encoding="utf-8")
    of_file = run.score(path, baselines=True)
    of_text = run.score(text=SENTENCES[::-1], baselines=True)
    assert of_file.facts["results"] == of_text.facts["results"]
    assert (of_file.facts["text"], of_text.facts["text"]) == (str(path), "-")
    assert [row["epoch"] for row in of_text.facts["results"]] == [2, 2, "uniform", "unigram", NGRAM]
    assert of_text.facts["results"][2]["nll"] == pytest.approx(math.log(len(run.writer().vocabulary)))
    assert of_text.tables[0].cells()[2][-1] == "-"


def test_scores_of_a_few_characters_say_so(run) -> None:
    assert run.score(text="the c").remarks == ["4 characters predicted: so few hardly tell how well it predicts"]
    assert run.score(text=SENTENCES * 40, baselines=False).remarks == []


def test_scores_tell_what_they_cannot_use(run) -> None:
    with pytest.raises(UsageError, match=r"protocol='windws' is unknown \(known: carried, windows, dynamic\)"):
        run.score(protocol="windws")
    with pytest.raises(DataError, match="not in the vocabulary"):
        run.score(text="the \u03a9")
    with pytest.raises(DataError, match="not in the vocabulary") as refused:
        run.score(text="\u03a9\u03a9")
    assert "skip" not in str(refused.value.hint), "nothing would be left"
    assert run.score(text="the \u03a9 cat", unknown="skip").facts["results"][0]["characters"] == 7
    with pytest.raises(UsageError, match="contradict each other"):
        run.score("a.txt", text="a")
    with pytest.raises(RunError, match=r"epoch 9 .* is not reached yet"):
        run.score(epochs=[9])


def test_a_copy_of_the_training_text_is_judged_as_one(run) -> None:
    found = run.judge(text=SENTENCES[7:] * 2)
    rows = found.facts["results"]
    assert [row["text"] for row in rows] == ["-", "held-out text"]
    assert rows[0]["longest_copy"]["length"] >= len(SENTENCES) - 7
    assert found.facts["nearest"] == {"text": "-"}
    assert found.facts["judge"] == {"run": str(run.path), "epoch": 2}
    assert not found.remarks
    with pytest.raises(UsageError, match="--epochs says who writes, but - is written already"):
        run.judge(text=SENTENCES[7:] * 2, epochs=[1, 2])


def test_what_the_run_writes_is_judged_temperature_by_temperature(run) -> None:
    found = run.judge(temperature=(0.25, 1.5), length=200)
    measures, copies = found.tables
    assert measures.heads[:3] == ["temperature", "real words", "novel 4"]
    assert measures.heads[-2:] == ["bits/char", "distance"]
    assert [row[0] for row in measures.cells()] == ["0.25", "1.5", "held-out text"]
    assert measures.cells()[-1][-1] == "-"
    assert copies.heads == ["temperature", "copy", "training line", "passage"]
    assert found.facts["nearest"]["temperature"] in {0.25, 1.5}
    assert found.remarks[0].startswith("nearest to the held-out text: epoch 2, temperature ")
    alone = run.judge(temperature=0.25, length=200).facts["results"][0]
    assert alone["longest_copy"] == found.facts["results"][0]["longest_copy"]
    assert alone["bits_per_char"] == pytest.approx(found.facts["results"][0]["bits_per_char"])


def test_one_network_measures_the_bits_of_all_epochs(run) -> None:
    found = run.judge(temperature=0.75, length=200, epochs=[1, 2])
    first, second, control = found.facts["results"]
    texts = [run.sample(length=200, temperature=0.75, epoch=epoch)[0] for epoch in (1, 2)]
    judge, phrase = run.writer(2), run.document()["prompt"]
    for row, sample in zip((first, second), texts, strict=True):
        scores = judge.score(phrase, sample.text, "text")
        assert row["bits_per_char"] == pytest.approx(-np.mean(scores) / math.log(2), rel=1e-6)
    own = -np.mean(texts[0].log_probabilities) / math.log(2)
    assert first["bits_per_char"] != pytest.approx(own, rel=1e-3), "epoch 1 is not its own judge"
    assert "epoch" not in control
    assert [row[0] for row in found.tables[0].cells()][-1] == "held-out text"


def test_a_named_run_may_be_the_judge_if_it_reads_alike(run, text_home: Path) -> None:
    other = genmodels.train_text(text=SENTENCES * 40, name="other", runs=text_home, seed=5, **TINY_RUN)
    raw = genmodels.train_text(text=SENTENCES * 40, name="raw", runs=text_home, **(TINY_RUN | {"bytes": True}))
    ours, theirs = (run.judge(temperature=0.75, length=200, by=by) for by in (None, other))
    assert theirs.facts["judge"]["run"] == str(other.path)
    assert theirs.title.endswith("bits/char by epoch 2 of other")
    alike = [[{**row, "bits_per_char": 0, "distance": 0} for row in one.facts["results"]] for one in (ours, theirs)]
    assert alike[0] == alike[1], "only the bits are the judge's"
    assert ours.facts["results"][-1]["bits_per_char"] != theirs.facts["results"][-1]["bits_per_char"]
    with pytest.raises(RunError, match=r"raw reads bytes, .*tiny characters"):
        run.judge(by=raw)


def test_distances_that_another_seed_could_turn_round_are_a_tie(run) -> None:
    assert nearest_of([0.102, 0.101, 0.2], 5000) == [1, 0]
    assert nearest_of([0.102, 0.101, 0.2], 500_000) == [1]
    assert nearest_of([0.1, 0.1], 10**12) == [0, 1]
    assert nearest_of([0.1, 0.1055], 10_000) == [0, 1], "two errors of a difference: 2 sqrt 2 * 0.2 / 100 = 0.0057"
    assert nearest_of([0.1, 0.1058], 10_000) == [0]
    assert nearest_of([0.1, 0.1058, 0.9], 10_000) == [0, 1], "more where more are compared"
    found = run.judge(temperature=(0.75, 0.7501), length=200)
    assert len(found.facts["ties"]) == 1
    assert found.remarks[-1].startswith("that is a tie")


def test_of_many_texts_that_tie_none_is_called_the_nearest(run, monkeypatch) -> None:
    monkeypatch.setattr("genmodels.analysis.text_quality.BY_SEED", 1e9)
    found = run.judge(temperature=(0.5, 0.75, 1.0), length=200)
    assert found.remarks[-1].startswith("3 of 3 texts can't be told apart by their distance from the held-out text")
    assert not any("nearest to" in remark for remark in found.remarks)


def test_a_setting_that_was_fitted_to_the_data_is_told_so_beside_one_that_was_not(run, text_home: Path) -> None:
    settings = {name: value for name, value in TINY_RUN.items() if name not in {"window", "batch_size"}}
    fitted = genmodels.train_text(
        text="so much depends upon a red wheel barrow ", name="short", runs=text_home, **settings
    )
    rows = {row["what"]: row for row in side_by_side([run, fitted]).tables[0].rows}
    assert str(rows["--window"]["short"]).endswith(" (by the data)")
    assert "(by the data)" not in str(rows["--window"][run.name])


def test_too_little_to_judge_is_told(run) -> None:
    with pytest.raises(UsageError, match="length is 50, but it must be 100 or more"):
        run.judge(length=50)
    with pytest.raises(DataError, match="- has 3 characters, too few to judge"):
        run.judge(text="the")
    told: list[str] = []
    TextRun(run.path, Teller(told.append)).judge(temperature=0.5, length=9_999)
    assert told[0].startswith("--length 9,999 is more than the held-out text; ")


def test_a_unit_that_follows_two_things_has_a_row_for_each_and_the_table_s_signs(run, monkeypatch) -> None:
    both = [Tracker("capital letter", 3, -0.54), Tracker("position in line", 3, 0.43)]
    monkeypatch.setattr("genmodels.analysis.gates.find_trackers", lambda *_: both)
    found = run.gates()
    figure = found.figure()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["capital letter, unit\u00a03", "position in line, unit\u00a03"]
    table = found.tables[1].cells()
    assert [row[2] for row in table] == ["-0.54", "+0.43"]
    assert {"r = −0.54 (×−1)", "r = 0.43"} <= {text.get_text() for text in figure.texts}
    units = {row["unit"] for row in found.facts["gates"]}
    assert units == {3}, "once in what a spreadsheet gets"


def test_gates_of_chosen_units_have_a_row_for_each_character_and_unit(run) -> None:
    found = run.gates(text="the cat", units=[3, 5])
    rows = found.facts["gates"]
    assert [(row["character"], row["unit"]) for row in rows[:3]] == [("t", 3), ("t", 5), ("h", 3)]
    assert len(rows) == 14
    assert all(0 <= row[gate] <= 1 for row in rows for gate in ("keep", "write", "read"))
    assert found.facts["trackers"] == []
    assert not [table for table in found.tables if table.shown]
    assert found._repr_png_().startswith(b"\x89PNG")


def test_gradients_of_two_runs_of_one_name_are_two_lines(run, tmp_path: Path) -> None:
    second = TextRun(Path(shutil.copytree(run.path, tmp_path / run.name)))
    exhibit = gradients_of([run, second], windows=64, window=20, lags=15)
    paths = [str(run.path), str(second.path)]
    assert list(dict.fromkeys(row["run"] for row in exhibit.facts["results"])) == paths
    (axes,) = exhibit.figure().axes
    assert len({line.get_label() for line in axes.get_lines() if "dL" in str(line.get_label())}) == len(
        exhibit.facts["results"]
    )
    assert "2 runs" in exhibit.title


def test_gradients_of_a_run_trained_and_untrained(run) -> None:
    found = run.gradients(windows=64, window=20, lags=15)
    fresh = gradients_of([run], init=True, windows=64, window=20, lags=15)
    assert [(r["run"], r["quantity"]) for r in found.facts["results"]] == [("tiny", "hidden"), ("tiny", "cell")]
    assert found.facts["gradients"] != fresh.facts["gradients"]
    assert found.title == ("How the gradient of the loss fades with distance: tiny (lstm), epoch 2, on a given text")
    assert "an untrained network like tiny (lstm), on" in fresh.title
    assert (found.name, fresh.name) == ("gradients", "gradients-untrained")
    csv_table, summary = found.tables
    assert len(csv_table.rows) == 2 * 16
    *_, at_50, at_100, steps = summary.cells()[0]
    assert (at_50, at_100) == ("-", "-"), "beyond the window"
    assert int(steps.replace(",", "")) == found.facts["results"][0]["step"] > 0
    assert fresh.facts["results"][0]["step"] is None
    with pytest.raises(UsageError, match="lags=20 lies beyond the window of 20"):
        run.gradients(window=20, lags=20)
    with pytest.raises(UsageError, match="--init and --epoch 1 contradict each other"):
        run.gradients(init=True, epoch=1)


def test_gradients_of_a_run_that_is_not_trained_to_the_end_say_so(run, tmp_path) -> None:
    half = TextRun(shutil.copytree(run.path, tmp_path / "half"))
    half.update(plan=half.plan() | {"total_steps": 2 * half.plan()["total_steps"]})
    for gradients in (gradients_of, why_of):
        found = gradients([half], windows=64, window=20)
        told = "ot trained to the end: half (stopped, epoch 2 of 4)"
        assert f"n{told}" in found.remarks
        assert f"N{told}." in " ".join(text.get_text() for text in found.figure().texts).replace("\n", " ")
        assert not any("half" in remark for remark in gradients([half], init=True, windows=64, window=20).remarks)


def test_the_course_is_the_validation_text_epoch_by_epoch(run, text_home) -> None:
    found = run.course()
    assert [row["epoch"] for row in found.facts["evaluations"]] == [0, 1, 2]
    assert run._repr_png_().startswith(b"\x89PNG")
    unfinished, _ = starting.new_run(TINY_RUN, text=SENTENCES * 20, name="new", runs=text_home / "new", notice=silent)
    with pytest.raises(RunError, match="has no finished epoch yet"):
        unfinished.course()
    assert "text run" in unfinished._repr_html_()


def test_the_outcome_is_both_protocols_of_the_best_epoch(run, monkeypatch: pytest.MonkeyPatch) -> None:
    task = run.restore(silent)
    assert f", {duration(run.facts['seconds'])} of training" in starting.outcome(run, task).title, "as runs show has it"
    records = run.metrics()
    monkeypatch.setattr(type(run), "metrics", lambda _: [*records, {**records[-1], "seconds": seconds}])
    seconds = 65.0
    found = starting.outcome(run, task)
    assert re.fullmatch(r"best epoch 2, 1 min 05 s of training and evaluating(, 1 min \d\d s in all)?", found.title)
    assert found.facts["validation"].keys() == {"carried", "windows"}
    assert found.facts["validation"]["carried"] == pytest.approx(
        {k: v for k, v in run.score(protocol="carried").facts["results"][0].items() if isinstance(v, float)}
    )


def test_a_comparison_is_trained_resumed_and_drawn_without_the_command_line(tmp_path: Path) -> None:
    places: list[str] = []

    def reporter(several: Several) -> QuietReporter:
        places.append(several.place)
        return QuietReporter()

    asked = {"models": ["rnn", "gru"], "text": SENTENCES * 40, "runs": tmp_path, "reporter_of": reporter}
    given = {**TINY_RUN, "epochs": 1}
    found = TextComparison(**asked, given=given, name="small").train()
    assert isinstance(found, Exhibit)
    assert {row["model"] for row in found.facts["comparison"]} == {"rnn", "gru", "uniform", "unigram", NGRAM}
    below = next(row for row in found.facts["comparison"] if row["model"] == NGRAM)
    assert found.facts["comparison"][0] == below
    told = " ".join(text.get_text() for text in found.figure().texts).replace("\n", " ")
    assert "the validation text is too short to tell how sure the differences are" in found.remarks
    assert "which only counts" not in told, "whether it lies below by more than chance is not known"
    assert found.tables[0].heads[0] == "model"
    sizes = [row["parameters"] for row in found.facts["comparison"] if "parameters" in row]
    about = float(f"{sum(sizes) / 2:.2g}")
    assert f"networks have about {about:,.0f} parameters each" in told, "once for both, which are as good as equal"
    assert found.save(tmp_path / "small.svg").read_text(encoding="utf-8").count("parameters") == 1
    assert places == ["rnn, 1 of 2", "gru, 2 of 2"]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "small").glob("*/checkpoints/*/model.safetensors")}
    again = TextComparison(**asked, given=given, resume="small").train()
    assert again.facts["comparison"] == found.facts["comparison"]
    assert {path: path.stat().st_mtime_ns for path in before} == before, "what is finished is not trained again"
    assert before
    with pytest.raises(DataError, match="is not that of the run"):
        TextComparison(**(asked | {"text": SENTENCES * 41}), given=given, resume="small").train()
    with pytest.raises(UsageError, match=r"--seed 77 contradicts the run, which has"):
        TextComparison(**asked, given=given | {"seed": 77}, resume="small").train()
    with pytest.raises(RunError, match="there is no comparison none"):
        TextComparison(**asked, given=given, resume="none")
    with pytest.raises(UsageError, match="--resume and --name contradict each other"):
        TextComparison(**asked, resume="small", name="other")
