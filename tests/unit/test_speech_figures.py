import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from genmodels.families.course import hindrances_of
from genmodels.families.speech import SPEECH
from genmodels.figures import widths
from genmodels.figures.colours import COLOURS, KINDS
from genmodels.figures.confusion import Confusion
from genmodels.figures.error_curves import ErrorCurves
from genmodels.figures.heard import DrawnSound
from genmodels.figures.saving import save_figure
from genmodels.figures.spectrogram import spectrogram
from genmodels.figures.spikes import _levels, spikes_figure
from genmodels.figures.word_errors import errors_figure
from unit.figure_texts import said, sound

WORDS = ("yes", "no", "maybe")


def texts(figure: Figure) -> list[str]:
    """Every text but those of ticks."""
    return [text.get_text() for text in [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]]


def titles(figure: Figure) -> list[str]:
    return [title.replace("\n", " ") for axes in figure.axes if (title := axes.get_title(loc="left"))]


# spectrogram


def test_a_spectrogram_is_the_power_of_each_frequency_in_decibels_below_the_loudest() -> None:
    samples = np.random.default_rng(0).integers(-9000, 9000, 1000).astype(np.int16)
    moments = np.arange(-100, 100)  # samples around 50 ms
    windowed = samples[400 + moments] * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(200) / 200))
    waves = np.exp(-2j * np.pi * np.outer(np.arange(129) / 256, moments))
    expected = 10 * np.log10(np.abs(waves @ windowed) ** 2)
    found = spectrogram(samples)[:, 5]
    heard = found > -50
    assert heard.sum() > 60
    assert np.ptp((expected - found)[heard]) < 1e-8


def test_a_spectrogram_shows_a_tone_at_its_frequency_all_the_time() -> None:
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000)).astype(np.int16)
    found = spectrogram(tone)
    assert found.shape == (129, 51)
    assert set(found[:, 3:-3].argmax(axis=0)) == {32}  # of 31.25 Hz each
    assert found.max() == 0
    assert found.min() == -50


@pytest.mark.parametrize("count", [0, 1, 199, 500])
def test_silence_of_any_length_is_silent_everywhere(count: int) -> None:
    assert (spectrogram(np.zeros(count, np.int16)) == -50).all()


# spikes


def heard(**changes) -> DrawnSound:
    return replace(sound("a", 2.0, WORDS, [1, 0, 1], "no yes maybe", wrong=True), **changes)


@pytest.mark.parametrize(
    ("count", "seconds", "columns", "flattest", "highest"),
    [
        (1, 5.0, 1, 2.0, 1.4),
        (2, 5.0, 2, 1.9, 1.7),
        (3, 5.0, 3, 1.9, 1.7),
        (2, 12.0, 2, 2.1, 1.7),
        (4, 2.0, 2, 1.4, 0.9),
    ],
)
def test_sounds_stand_so_that_the_page_is_like_a_screen(
    count: int, seconds: float, columns: int, flattest: float, highest: float
) -> None:
    words = tuple(f"word{n}" for n in range(10))
    read = [range(3), range(8)]  # so many labels stand in one line, and in several
    figure = spikes_figure([sound(f"{k}", seconds, words, read[k % 2]) for k in range(count)], words, "t")
    width, height = figure.get_size_inches()
    assert highest < width / height < flattest
    places = [axes.get_position() for axes in figure.axes if axes.get_xlabel()]
    assert len({round(place.x0, 3) for place in places}) == columns
    assert len({round(place.y0, 3) for place in places}) == -(-count // columns), "in rows"


def test_distributions_have_a_row_for_each_word_and_blank_below() -> None:
    figure = spikes_figure([heard()], WORDS, "t")
    heat = figure.axes[2].collections[0].get_array()
    assert np.array_equal(np.asarray(heat), np.roll(heard().probabilities, -1, axis=1).T)
    assert [text.get_text() for text in figure.axes[2].texts] == [*WORDS, "(blank)"]


def test_each_word_that_was_read_stands_over_its_spike() -> None:
    one = heard()
    axes = spikes_figure([one], WORDS, "t").axes[3]
    labels = [text for text in axes.texts if text.get_text() in WORDS]
    assert [label.get_text() for label in labels] == ["no", "yes", "no"]
    assert [label.get_position()[0] * 2.0 for label in labels] == pytest.approx([span[0] for _, span, _ in one.words])


def test_a_spike_is_where_the_word_is_surest_within_its_place() -> None:
    one = heard()
    probabilities = one.probabilities.copy()
    probabilities[50:53] = [[0.3, 0, 0.7, 0], [0.1, 0, 0.9, 0], [0.4, 0, 0.6, 0]]
    words = [("no", (one.times[50], one.times[52]), 0.9)]
    axes = spikes_figure([replace(one, probabilities=probabilities, words=words)], WORDS, "t").axes[3]
    (label,) = [text for text in axes.texts if text.get_text() == "no"]
    assert label.get_position()[0] * 2.0 == pytest.approx(one.times[51])


def test_a_word_has_one_colour_in_all_sounds_of_a_figure_and_two_of_a_sound_have_two() -> None:
    words = tuple(f"word{n}" for n in range(10))
    read = [[0, 1, 2], [2, 0, 3], [5, 6, 7, 8, 9], [9, 1, 3]]
    figure = spikes_figure([sound(f"{k}", 2.0, words, said) for k, said in enumerate(read)], words, "t")
    panels = [axes for axes in figure.axes if axes.get_xlabel()]
    colours: dict[str, set[str]] = {}
    for axes, said_there in zip(panels, read, strict=True):
        labels = [text.get_text() for text in axes.texts if text.get_text() in words]
        lines = [str(line.get_color()) for line in axes.lines if line.get_transform() != axes.transData]
        assert sorted(labels) == sorted(words[n] for n in said_there)
        assert len(set(lines)) == len(set(labels)), "each of a sound has its own"
        for word, colour in zip(labels, lines, strict=True):
            colours.setdefault(word, set()).add(colour)
    assert all(len(of_word) == 1 for of_word in colours.values()), colours


def test_labels_stand_as_low_as_none_lies_on_another() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        middles, widths = np.sort(random.uniform(0, 10, 12)), random.uniform(0.1, 2, 12)
        levels = _levels(middles.tolist(), widths.tolist())
        for i, j in combinations(range(12), 2):
            touching = abs(middles[i] - middles[j]) < (widths[i] + widths[j]) / 2 - 1e-9
            assert not (touching and levels[i] == levels[j])
    assert _levels([1, 2, 3], [1, 1, 1]) == [0, 0, 0]
    assert _levels([1, 1.5, 2], [1, 1, 1]) == [0, 1, 0]


@pytest.mark.parametrize(
    ("truth", "wrong", "said"), [("no yes no", False, "right"), ("yes", True, "wrong"), (None, False, None)]
)
def test_a_wrong_reading_is_told_in_words_and_in_colour(truth: str | None, wrong: bool, said: str | None) -> None:
    figure = spikes_figure([heard(truth=truth, wrong=wrong)], WORDS, "t")
    (heading,) = [text for text in figure.texts if "read: " in text.get_text()]
    verdicts = [verdict for verdict in ("right", "wrong") if f"{verdict}\n" in heading.get_text()]
    assert verdicts == ([said] if said else [])
    assert (heading.get_color() == COLOURS[1]) == wrong
    assert ("said:" in heading.get_text()) == (truth is not None)


def test_of_many_words_those_that_were_read_are_named() -> None:
    words = tuple(f"w{k}" for k in range(60))
    figure = spikes_figure([sound("a", 2.0, words, [7, 50, 7])], words, "t")
    assert [text.get_text() for text in figure.axes[2].texts] == ["w7", "w50", "(blank)"]


def test_names_of_rows_close_together_move_apart_and_none_far_from_its_row() -> None:
    words = tuple(f"w{k}" for k in range(60))
    axes = spikes_figure([sound("a", 2.0, words, range(24))], words, "t").axes[2]
    names = {text.get_text(): 2.4 * (1 - text.get_position()[1]) for text in axes.texts}  # inches from above
    away = [place - (int(name[1:]) + 0.5) * 2.4 / 61 for name, place in names.items() if name != "(blank)"]
    assert 10 < len(away) < 24
    assert 0.3 < max(map(abs, away)) <= 0.6
    assert min(np.diff(sorted(names.values()))) > 0.07


def test_steps_that_are_left_out_leave_a_gap() -> None:
    one = heard()
    kept = np.r_[0:30, 60 : len(one.times)]
    figure = spikes_figure([replace(one, times=one.times[kept], probabilities=one.probabilities[kept])], WORDS, "t")
    blank = figure.axes[3].get_lines()[0]
    times, values = blank.get_xdata(), blank.get_ydata()
    assert np.isnan(values[(times > one.times[29]) & (times < one.times[60])]).all()
    assert np.isnan(values).sum() == 1


def test_the_sentence_names_the_surest_and_the_least_sure_word_and_what_that_could_be_too() -> None:
    one = heard()
    probabilities = np.tile([1.0, 0.0, 0.0, 0.0], (len(one.times), 1))
    probabilities[20], probabilities[60] = [0.2, 0.5, 0.3, 0.0], [0.1, 0.0, 0.9, 0.0]
    words = [("yes", (one.times[20], one.times[20]), 0.5), ("no", (one.times[60], one.times[60]), 0.9)]
    sure = replace(one, probabilities=probabilities, words=words, truth="yes no", wrong=False)

    def sentence(*sounds: DrawnSound) -> str:
        figure = spikes_figure(sounds, WORDS, "t")
        return next(t.get_text().replace("\n", " ") for t in figure.texts if "Dashed is blank" in t.get_text())

    first, second = (f"{one.times[step]:.2f} s" for step in (20, 60))
    said = sentence(sure)
    assert f"“yes” ({first}) least, to 50.0%, where “no” has 30.0%; “no” ({second}) most, to 90.0%." in said
    assert said.endswith("Read right: 1 of 1.")
    assert f"“yes” (a, {first}) least" in sentence(sure, replace(sure, name="b", words=words[1:], truth=None))
    one_word = sentence(
        replace(sure, words=words[1:], truth=None), replace(sure, name="b.wav", words=[], text="", truth=None)
    )
    assert one_word.startswith(
        f"Look at how far the one word leaps up: “no” (a, {second}) to 90.0%; nothing is read in b.wav."
    )
    assert sentence(replace(sure, words=[], text="", truth=None)).startswith("No word is read: look")
    later = replace(sure, words=[], text="no yes", truth=None)  # read behind what is drawn
    assert sentence(later).startswith("No word is read in its first 2 s: look")
    assert sentence(later, replace(later, name="b")).startswith("No word is read in their first 2 s: look")


@pytest.mark.parametrize(
    ("confidence", "told"), [(0.9, "90.0%)"), (0.12, "12.0%, doubtful)"), (1e-22, "< 0.1%, next to nothing)")]
)
def test_a_low_confidence_has_a_word(confidence: float, told: str) -> None:
    figure = spikes_figure([heard(confidence=confidence)], WORDS, "t")
    assert any(f"(confidence {told}" in text for text in texts(figure))


@pytest.mark.parametrize("steps", [0, 1])
def test_a_sound_of_hardly_any_steps_is_drawn(steps: int) -> None:
    one = heard(samples=np.zeros(steps, np.int16), words=[], text="")
    short = replace(one, times=one.times[:steps], probabilities=one.probabilities[:steps])
    assert len(spikes_figure([short], WORDS, "t").axes) == 6


# word errors


def curves(label: str, scale: float, **changes) -> ErrorCurves:
    return replace(
        ErrorCurves(
            label, 2, 2,
            {n: [0.01 * n * scale, 0.03 * n * scale] for n in (1, 2, 4)},
            {None: [0.01 * scale], 10.0: [0.05 * scale], -5.0: [0.2 * scale]},
            {"ann": [0.1 * scale], "bob": [0.3 * scale, 0.5 * scale]},
        ),
        **changes,
    )  # fmt: skip


COUNTS = np.array([[8, 1, 0, 0], [0, 4, 0, 5]])


def drawn(*groups: ErrorCurves) -> Figure:
    return errors_figure(groups, [COUNTS], ("yes", "no"), "t")


def test_the_band_of_a_single_run_is_its_interval_and_of_several_runs_from_the_best_to_the_worst() -> None:
    sure = {
        "sure_by_length": {1: 0.01, 2: 0.0, 4: 0.02},
        "sure_by_noise": {10.0: 0.01},
        "sure_by_speaker": {"ann": 0.01},
    }
    rates = {"by_length": {1: [0.01], 2: [0.03], 4: [0.1]}, "by_noise": {10.0: [0.05]}, "by_speaker": {"ann": [0.2]}}
    single, several = curves("a", 1.0, runs=1, **rates, **sure), curves("b", 2.0)
    figure = drawn(single)
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    for length, ends in ((1, (0.0, 2.96)), (2, (3.0, 3.0)), (4, (6.08, 13.92))):
        heights = band[band[:, 0] == length, 1]
        assert (heights.min(), heights.max()) == pytest.approx(ends)
    assert figure.axes[1].collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(6.96)
    by_ten = drawn(replace(single, freedom=9))
    assert by_ten.axes[0].collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(
        10 + 3.92 * 1.16, rel=1e-4
    )
    assert by_ten.axes[1].collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(5 + 1.96 * 1.16, rel=1e-4)
    assert by_ten.axes[2].get_lines()[0].get_xdata() == pytest.approx([18.04, 21.96]), "one speaker's own recordings"
    assert figure.axes[2].get_lines()[0].get_xdata() == pytest.approx([18.04, 21.96])
    assert "bands and bars are 95\u00a0% intervals over utterances" in said(figure)
    both = said(drawn(single, several))
    assert "from the best run to the worst; those of single runs are 95\u00a0% intervals" in both
    assert "intervals" not in said(drawn(several))


def test_a_group_has_the_colour_of_its_kind_in_every_panel_whatever_its_place() -> None:
    groups = [curves("a", 1.0, kind="rnn"), curves("b", 2.0, kind="lstm"), curves("c", 3.0, kind="lstm")]
    colours = [KINDS["rnn"].lower(), KINDS["lstm"].lower()]
    figure = drawn(*groups)
    by_length, by_noise, by_speaker = figure.axes[:3]
    for axes, points in ((by_length, 3), (by_noise, 2)):
        lines = [line for line in axes.get_lines() if len(line.get_xdata()) == points and line.get_marker() != "None"]
        assert [line.get_color() for line in lines[:2]] == colours
        assert lines[2].get_color() not in colours
        assert [line.get_marker() for line in lines] == ["s", "o", "D"]
    assert [line.get_color() for line in by_speaker.get_lines()[::4][:2]] == colours
    (alone,) = [line for line in drawn(groups[1]).axes[0].get_lines() if len(line.get_xdata()) == 3]
    assert alone.get_color() == colours[1]


def test_errors_by_number_of_words_are_the_mean_of_the_runs_and_the_band_reaches_from_least_to_most() -> None:
    axes = drawn(curves("a", 1.0)).axes[0]
    assert list(axes.get_lines()[0].get_ydata()) == pytest.approx([2, 4, 8])
    corners = axes.collections[0].get_paths()[0].vertices
    assert sorted(set(corners[corners[:, 0] == 4][:, 1].round(6))) == [4, 12]


@pytest.mark.parametrize(("longest", "lines"), [(2, [2.5]), (4, []), (9, [])])
def test_a_dashed_line_stands_where_lengths_end_that_were_trained_on(longest: int, lines: list[float]) -> None:
    figure = drawn(curves("a", 1.0, longest=longest))
    axes = figure.axes[0]
    assert [line.get_xdata()[0] for line in axes.get_lines() if line.get_linestyle() == "--"] == lines
    assert len(axes.texts) == len(lines)
    assert any("upright dashes" in text for text in texts(figure)) == bool(lines)


def test_words_are_counted_whole_also_where_there_is_one_length() -> None:
    axes = drawn(curves("a", 1.0, by_length={3: [0.1, 0.2]})).axes[0]
    assert [tick for tick in axes.get_xticks() if tick % 1] == []
    assert axes.get_xlim()[0] < 3 < axes.get_xlim()[1]


def test_what_has_no_noise_stands_at_the_right_end_apart_from_the_decibels() -> None:
    axes = drawn(curves("a", 1.0, by_noise={None: [0.005, 0.015], 10.0: [0.05], -5.0: [0.2]})).axes[1]
    noisy, clean, between = axes.get_lines()
    assert list(noisy.get_ydata()) == pytest.approx([20, 5])
    assert list(clean.get_ydata()) == pytest.approx([1])
    assert 10 < between.get_xdata()[0] < clean.get_xdata()[0]
    (spread,) = axes.collections[-1].get_segments()
    assert list(spread[:, 1]) == pytest.approx([0.5, 1.5])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["clean", "10", "−5"]
    assert list(axes.get_xticks()) == sorted(axes.get_xticks(), reverse=True)


def test_a_line_of_all_errors_is_not_cut_by_the_panel() -> None:
    alike = {None: [0.9998], 10.0: [0.9999], -5.0: [1.0]}
    axes = drawn(curves("a", 1.0, by_noise=alike, by_speaker={"ann": [1.0], "bob": [0.9999]})).axes
    assert axes[1].get_ylim()[1] >= 102
    assert axes[2].get_xlim()[1] >= 102


def test_the_worst_speakers_are_named_and_the_others_counted() -> None:
    many = {f"s{k:02d}": [k / 100] for k in range(30)}
    figure = drawn(curves("a", 1.0, by_speaker=many))
    assert "the 25 worst of 30; the others have at most 4.0%" in titles(figure)[2].replace("\n", " ")
    assert [text.get_text() for text in figure.axes[2].texts] == [f"s{k:02d}" for k in range(29, 4, -1)]
    assert [text.get_text() for text in drawn(curves("a", 1.0)).axes[2].texts] == ["bob", "ann"]


def test_panels_without_data_are_left_out() -> None:
    everything = titles(drawn(curves("a", 1.0)))
    assert len(everything) == 4
    assert titles(drawn(curves("a", 1.0, by_speaker={}))) == [everything[0], everything[1], everything[3]]
    none = errors_figure([curves("a", 1.0, by_length={}, by_noise={})], [np.zeros((2, 4), int)], ("a", "b"), "t")
    assert titles(none) == [everything[2]]


def test_confusions_colour_the_errors_and_grey_the_diagonal() -> None:
    axes = drawn(curves("a", 1.0)).axes[3]
    errors, right = (mesh.get_array() for mesh in axes.collections)
    assert errors.filled(0).tolist() == [[0, 1, 0, 0], [0, 0, 0, 5]]
    assert right.filled(0).tolist() == [[8, 0, 0, 0], [0, 4, 0, 0]]
    assert {text.get_text() for text in axes.texts} == {"yes", "no", "nothing", "others", "said", "read"} | set("8145")


def test_who_says_next_to_no_word_is_left_out_of_the_confusions_unless_all_do() -> None:
    silent = np.array([[0, 0, 9, 0], [0, 0, 9, 0]])
    both = Confusion.of([COUNTS, silent], ("yes", "no"), 3.0)
    assert (both.counts.tolist(), both.networks, both.silent) == (COUNTS.tolist(), 1, 1)
    assert Confusion.of([silent, silent], ("yes", "no"), 3.0).counts.tolist() == (2 * silent).tolist()
    figure = errors_figure([curves("a", 1.0), curves("b", 1.0)], [COUNTS, silent], ("yes", "no"), "t")
    assert any("read by 1 of 2 networks, those that say words" in head.replace("\n", " ") for head in titles(figure))


def test_the_most_frequent_error_is_told() -> None:
    told = Confusion(COUNTS, ("yes", "no"), 3.0).told
    assert told.endswith("“no” read as several words or others, 5 of 9 times")
    assert Confusion(np.diag([3, 4, 0, 0])[:2], ("yes", "no"), 3.0).told == "no word said alone was misread"
    assert any(told in text.replace("\n", " ") for text in texts(drawn(curves("a", 1.0))))
    tied = np.array([[3, 2, 0, 0], [0, 4, 0, 2]])
    told = Confusion(tied, ("yes", "no"), 3.0).told
    assert told.endswith("are “yes” read as “no” and “no” read as several words or others, 2 times each")
    many = Confusion(np.array([[3, 1, 1, 0], [1, 4, 1, 0]]), ("yes", "no"), 3.0).told
    assert many == "no error with words said alone stands out: 4 are as frequent, 1 time each"


def test_the_sentence_says_what_the_errors_do_in_this_very_figure() -> None:
    def told(*groups: ErrorCurves) -> str:
        (sentence,) = [text for text in texts(drawn(*groups)) if text.startswith("Look at")]
        return sentence.replace("\n", " ")

    flat = {"by_length": {length: [1.0] for length in (1, 2, 4)}, "runs": 1}
    usual, longer = (0.02 * 1 + 0.04 * 2) / 3, 0.08
    change = f"{usual:.1%} to {longer:.1%}"
    unknown = f"{change} (how sure that is, is not known)"
    assert f"errors change from 1-2 words to 4 words: {unknown};" in told(curves("a", 1.0))
    clear = curves("a", 1.0, sure_by_length={1: 0.001, 2: 0.002, 4: 0.004})
    assert f"errors change from 1-2 words to 4 words: {change};" in told(clear)
    unsure = curves("a", 1.0, sure_by_length={1: 0.01, 2: 0.02, 4: 0.04})
    assert f"errors change from 1-2 words to 4 words: {change} (no clear change);" in told(unsure)
    several = told(curves("a", 1.0), curves("b", 1.0, **flat), curves("c", 1.0, **flat))
    assert f"a {unknown}, c 100.0% both times" in several
    assert "where lines lie on one another, the wider one" in several
    assert "one another" not in told(curves("a", 1.0), curves("b", 2.0))
    assert "all 100.0% both times" in told(curves("b", 1.0, **flat), curves("c", 1.0, **flat))
    assert "of bob 40.0% of the words are misread, of ann 10.0%" in told(curves("a", 1.0, by_length={}, by_noise={}))


def test_it_is_told_that_a_listener_s_training_counts_only_some_alignments() -> None:
    assert hindrances_of({"model": "lstm"}, SPEECH.hindering) == [
        "with only the alignments that say a word in its time"
    ]


def test_of_lines_that_lie_on_one_another_the_lower_ones_are_wider() -> None:
    flat = {"by_length": {length: [1.0] for length in (1, 2, 4)}}
    figure = drawn(curves("a", 1.0, kind="rnn", **flat), curves("b", 1.0, kind="gru", **flat), curves("c", 0.1))
    lengths, others = ([line.get_linewidth() for line in axes.get_lines()] for axes in figure.axes[:2])
    assert lengths[0] > lengths[1] == lengths[2], "the fourth are the dashes"
    quiet = drawn(curves("a", 1.0, by_length={}), curves("b", 2.0, by_length={})).axes[0].get_lines()[:-1]
    assert {line.get_linewidth() for line in quiet} == {widths.LINE}, "lines by noise that lie apart"
    assert others[0] == others[1] > others[2], "these lie on one another by noise too"
    many = [curves(str(number), 1.0, kind="window", **flat) for number in range(8)]
    assert max(line.get_linewidth() for line in drawn(*many).axes[0].get_lines()) <= 8.0
    assert figure.axes[0].get_ylim()[1] > 110, "a note above the lines has room"


# context


# all


def test_the_figures_need_neither_torch_nor_pyplot() -> None:
    code = (
        "import sys, genmodels.figures.spikes, genmodels.figures.word_errors, genmodels.figures.context\n"
        "sys.exit(bool({'torch', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["png", *(pytest.param(kind, marks=pytest.mark.sweep) for kind in ("svg", "pdf"))])
def test_a_figure_of_words_in_any_script_is_saved(kind: str, tmp_path: Path) -> None:
    words = ("да", "نعم", "はい", "a$b", "x\u202ey")
    save_figure(spikes_figure([sound("ß\n", 0.5, words, range(5))], words, "t"), tmp_path / f"a.{kind}")
    assert (tmp_path / f"a.{kind}").stat().st_size > 1000


def test_confusions_of_several_networks_are_counted_together_and_that_is_told() -> None:
    figure = errors_figure([curves("a", 1.0)], [COUNTS, COUNTS], ("yes", "no"), "t")
    assert "by 2 networks together" in titles(figure)[3].replace("\n", " ")
    assert {"16", "10"} <= {text.get_text() for text in figure.axes[3].texts}
    assert "together" not in titles(drawn(curves("a", 1.0)))[3]
