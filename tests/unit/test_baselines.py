import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from genmodels.analysis.baselines import discounts, kneser_ney, order_within, score_baselines


def nll_of(probability: np.ndarray) -> float:
    return float(-np.log(probability).mean())


class KneserNeyByHand:
    """The equations with dictionaries, one n-gram at a time."""

    def __init__(self, text: list[int], vocabulary_size: int, order: int) -> None:
        self.v = vocabulary_size
        self.counts: list[dict[tuple, float]] = []
        for n in range(1, order + 1):
            if n == order:
                c = Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
            else:
                c = Counter(g[1:] for g in {tuple(text[i : i + n + 1]) for i in range(len(text) - n)})
            self.counts.append(c)

    def p(self, word: int, context: tuple) -> float:
        n = len(context) + 1
        lower = 1 / self.v if n == 1 else self.p(word, context[1:])
        counts = self.counts[n - 1]
        taken = self.discounts(counts)
        after: dict[tuple, float] = defaultdict(float)
        freed: dict[tuple, float] = defaultdict(float)
        for gram, count in counts.items():
            after[gram[:-1]] += count
            freed[gram[:-1]] += taken[min(count, 3)]
        if after[context] == 0:
            return lower
        count = counts.get((*context, word), 0)
        return (max(count - taken[min(count, 3)], 0) + freed[context] * lower) / after[context]

    @staticmethod
    def discounts(counts: dict[tuple, float]) -> list[float]:
        n1, n2, n3, n4 = (sum(1 for c in counts.values() if c == k) for k in (1, 2, 3, 4))
        y = n1 / (n1 + 2 * n2) if n1 else 0
        found = [0.0]
        for k, ours, next_one in ((1, n1, n2), (2, n2, n3), (3, n3, n4)):
            d = k - (k + 1) * y * next_one / ours if ours else 0
            found.append(d if 0 < d <= k else k / 2)
        return found


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_kneser_ney_is_that_of_the_equations_and_sums_to_one(order: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = np.minimum(rng.geometric(0.4, 90) - 1, 4)  # skewed, so that n-grams come back
    train, held_out = text[:70], text[70:]
    by_hand = KneserNeyByHand(train.tolist(), 5, order)
    whole = text.tolist()
    nats = []
    for place in range(70, 90):
        context = tuple(whole[place - order + 1 : place])
        assert sum(by_hand.p(w, context) for w in range(5)) == pytest.approx(1.0)
        nats.append(-math.log(by_hand.p(whole[place], context)))
    assert -np.log(kneser_ney(train, held_out, 5, order=order)) == pytest.approx(nats, rel=1e-12)


def test_the_three_discounts_are_those_of_the_paper() -> None:
    counts = np.repeat([1.0, 2.0, 3.0, 4.0, 9.0], [8, 4, 2, 1, 3])
    y = 8 / (8 + 2 * 4)
    assert discounts(counts).tolist() == [0, 1 - 2 * y * 4 / 8, 2 - 3 * y * 2 / 4, 3 - 4 * y * 1 / 2]
    assert discounts(np.array([5.0, 7.0])).tolist() == [0, 0.5, 1.0, 1.5], "where a text is too small to say"
    assert discounts(np.array([2.0, 2.0, 3.0])).tolist() == [0, 0.5, 2.0, 3.0], "nothing seen once: Y is 0"


@pytest.mark.real_data
def test_on_tiny_shakespeare_it_reaches_what_others_measured(tiny_shakespeare: str) -> None:
    ids = np.unique(np.frombuffer(tiny_shakespeare.encode(), np.uint8), return_inverse=True)[1]
    seen = int(len(ids) * 0.9)
    assert order_within(ids[:seen], 65)[0] == 7
    assert nll_of(kneser_ney(ids[:seen], ids[seen:], 65, 7)) == pytest.approx(1.5165, abs=5e-5)


def test_the_order_is_chosen_without_a_look_at_the_held_out_text() -> None:
    text = np.frombuffer(("the cat sat on the mat; a dog ran to the cat. " * 40).encode(), np.uint8) % 64
    noise = np.random.default_rng(0).integers(0, 64, 300)
    names = {[*score_baselines(text[:1500], held_out, 64)][-1] for held_out in (text[1500:], noise)}
    assert len(names) == 1
    assert order_within(noise, 64)[0] == 1, "what is random is not counted in long pieces"
    assert order_within(text[:1500], 64)[0] > 3


def test_a_character_never_seen_costs_a_finite_number_of_nats() -> None:
    scores = score_baselines(np.array([0, 1] * 30), np.array([0, 1, 2, 0]), 4)
    assert all(np.isfinite(losses).all() for losses in scores.values())


def test_baselines_are_ordered_on_text_with_structure() -> None:
    text = np.frombuffer(("the cat sat on the mat; a dog ran to the cat. " * 40).encode(), np.uint8) % 64
    scores = {name: losses.mean() for name, losses in score_baselines(text[:1500], text[1500:], 64).items()}
    assert scores["uniform"] == pytest.approx(math.log(64))
    assert 0 < scores[f"{order_within(text[:1500], 64)[0]}-gram"] < 0.3 < scores["unigram"] < scores["uniform"]


def test_a_vocabulary_of_many_thousands_does_not_overflow() -> None:
    rng = np.random.default_rng(0)
    text = rng.integers(0, 1_000_000, 2000)
    assert nll_of(kneser_ney(text[:1500], text[1500:], 1_000_000, 5)) == pytest.approx(math.log(1e6), rel=0.3)


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("order", [1, 3, 7])
def test_a_training_text_no_longer_than_the_order_is_counted_too(length: int, order: int) -> None:
    probability = [kneser_ney(np.arange(length) % 3, np.array([c]), 3, order)[0] for c in range(3)]
    assert sum(probability) == pytest.approx(1.0)


def test_a_text_of_fewer_than_ten_characters_has_nothing_held_back() -> None:
    order, probability = order_within(np.array([0, 1, 2]), 4)
    assert (order, probability.tolist()) == (1, [])
