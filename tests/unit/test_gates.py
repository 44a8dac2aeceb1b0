import string

import numpy as np
import pytest
import torch

from genmodels.analysis import gates
from genmodels.analysis.gates import NAMEABLE, ROWS, WARM_UP, correlations, find_trackers, trace_gates
from genmodels.errors import DataError
from genmodels.models.build_text import build_language_model
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings.text import TextSettings


def lstm(vocabulary_size: int = 4, layers: int = 1) -> RecurrentLM:
    torch.manual_seed(1)
    settings = TextSettings(hidden_size=6, embedding_size=3, layers=layers)
    model = build_language_model(settings, vocabulary_size)
    assert isinstance(model, RecurrentLM)
    return model


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("inside quotes", 'a "b" c', [0, 0, 1, 1, 0, 0, 0]),
        ("inside quotes", '"a\n\nb', [1, 1, 1, 0, 0]),
        ("inside quotes", "\u201ca\u201d", [1, 1, 0]),
        ("inside brackets", "(a[b])c)", [1, 1, 2, 2, 1, 0, 0, 0]),
        ("position in line", "ab\nc", [1, 2, 0, 1]),
        ("indentation", "  a b\n c", [1, 2, 2, 2, 2, 0, 1, 1]),
        ("position in word", "ab c", [1, 2, 0, 1]),
        ("capital letter", "Ab", [1, 0]),
    ],
)
def test_what_has_a_name_is_counted(name: str, text: str, expected: list[int]) -> None:
    assert list(NAMEABLE[name](text)) == expected


def test_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(0)
    columns, values = rng.normal(size=(50, 3)), rng.normal(size=50)
    columns[:, 2] = 4.0  # constant
    found = correlations(columns, values)
    expected = [np.corrcoef(columns[:, k], values)[0, 1] for k in range(2)]
    np.testing.assert_allclose(found, [*expected, 0.0], atol=1e-12)


def test_traces_of_rows_are_those_of_each_alone_one_after_the_other() -> None:
    model = lstm(layers=2)
    ids = np.random.default_rng(0).integers(0, 4, (3, 9))
    together = trace_gates(model, ids, 1, warm_up=2)
    apart = [trace_gates(model, row, 1, warm_up=2) for row in ids]
    np.testing.assert_allclose(together.cells, np.concatenate([one.cells for one in apart]), atol=1e-6)
    for name in gates.GATES:
        np.testing.assert_allclose(together.gates[name], np.concatenate([o.gates[name] for o in apart]), atol=1e-6)


def test_the_cell_obeys_its_gates() -> None:
    model = lstm()
    trace = trace_gates(model, np.array([0, 1, 2, 3, 1]), 0)
    change = trace.cells[1:] - trace.gates["keep"][1:] * trace.cells[:-1]
    assert (np.abs(change) <= trace.gates["write"][1:] + 1e-6).all()  # |i * tanh(g)| <= i


def test_a_unit_made_to_count_lines_is_found_and_told_by_text_that_did_not_choose_it() -> None:
    """Unit 2 keeps everything, adds 0.1 at each character but a line feed, which erases it."""
    characters = "ab\nC"
    model = lstm()
    h, unit = 6, 2
    with torch.no_grad():
        model.embedding.weight.zero_()
        model.embedding.weight[2, 0] = 1.0  # the line feed
        layer = model.layers[0]
        for name, parameter in layer.named_parameters():
            if name.startswith("weight_hh"):
                parameter[:, :].mul_(0.3)
        into, bias, more = layer.weight_ih_l0, layer.bias_ih_l0, layer.bias_hh_l0
        layer.weight_hh_l0[[unit, h + unit, 2 * h + unit, 3 * h + unit]] = 0.0
        into[[unit, h + unit, 2 * h + unit]] = 0.0
        more[[unit, h + unit, 2 * h + unit]] = 0.0
        bias[unit], bias[h + unit], bias[2 * h + unit] = 9.0, 12.0, 0.01
        into[h + unit, 0], into[unit, 0] = -40.0, -40.0
    rng = np.random.default_rng(5)
    lines = ["".join(rng.choice(list("ab"), rng.integers(3, 60))) + "\n" for _ in range(300)]
    text = "".join(lines)
    ids = np.array([characters.index(c) for c in text])
    trackers = find_trackers(model, text, ids, 0)
    best = trackers[0]
    assert (best.feature, best.unit) == ("position in line", unit)
    assert best.correlation > 0.99
    assert "inside quotes" not in {tracker.feature for tracker in trackers}  # there are none in this text


def test_a_short_text_finds_nothing_and_says_how_much_is_needed() -> None:
    with pytest.raises(DataError, match="500 characters, too few") as raised:
        find_trackers(lstm(), "a" * 500, np.zeros(500, dtype=np.int64), 0)
    assert f"{ROWS * (WARM_UP + 32):,}" in str(raised.value.hint)


def test_the_passage_chosen_is_the_closest_of_those_that_begin_with_a_line() -> None:
    model, text = lstm(vocabulary_size=3), "".join(np.random.default_rng(3).choice(list("aA\n"), 700))
    ids = np.array(["aA\n".index(c) for c in text])
    tracker = gates.Tracker("capital letter", 4, -0.5)
    chosen, among = gates.closest_passage(model, text, ids, 0, trackers=[tracker], length=30)

    def closeness(start: int) -> float:
        cells = trace_gates(model, ids[start - gates.LED_IN : start + 30], 0, gates.LED_IN).cells[:, [4]]
        return float(-correlations(np.tanh(cells), np.array(list(gates.capitals(text)))[start : start + 30])[0])

    places = [start for start in range(gates.LED_IN, 671) if text[start - 1] == "\n" and text[start] != "\n"]
    assert chosen in places
    assert among == min(len(places), gates.PASSAGES)
    assert closeness(chosen) >= np.quantile([closeness(start) for start in places], 0.95)
    assert gates.closest_passage(model, text[:200], ids[:200], 0, trackers=[tracker], length=30) == (0, 1)


@pytest.mark.parametrize("name", ["inside quotes", "inside brackets", "indentation"])
def test_no_letter_opens_or_indents_anything(name: str) -> None:
    assert not any(NAMEABLE[name]("\n".join(string.ascii_letters)))
