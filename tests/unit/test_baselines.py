import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from genmodels.analysis.baselines import BASELINES, kneser_ney, score_baselines


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
        n1, n2 = (sum(1 for c in counts.values() if c == k) for k in (1, 2))
        discount = n1 / (n1 + 2 * n2) if n1 else 0.5
        after: dict[tuple, float] = defaultdict(float)
        types: dict[tuple, int] = defaultdict(int)
        for gram, count in counts.items():
            after[gram[:-1]] += count
            types[gram[:-1]] += 1
        if after[context] == 0:
            return lower
        seen = max(counts.get((*context, word), 0) - discount, 0) / after[context]
        return seen + discount * types[context] / after[context] * lower


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
    assert kneser_ney(train, held_out, 5, order=order) == pytest.approx(np.mean(nats), rel=1e-12)


def test_a_character_never_seen_costs_a_finite_number_of_nats() -> None:
    scores = score_baselines(np.array([0, 1] * 30), np.array([0, 1, 2, 0]), 4)
    assert all(math.isfinite(nll) for nll in scores.values())


def test_baselines_are_ordered_on_text_with_structure() -> None:
    text = np.frombuffer(("the cat sat on the mat; a dog ran to the cat. " * 40).encode(), np.uint8) % 64
    scores = score_baselines(text[:1500], text[1500:], 64)
    assert scores["uniform"] == math.log(64)
    assert list(scores) == list(BASELINES)
    assert scores["5-gram"] < 0.3 < scores["unigram"] < scores["uniform"]


def test_a_vocabulary_of_many_thousands_does_not_overflow() -> None:
    rng = np.random.default_rng(0)
    text = rng.integers(0, 1_000_000, 2000)
    assert score_baselines(text[:1500], text[1500:], 1_000_000)["5-gram"] == pytest.approx(math.log(1e6), rel=0.3)
