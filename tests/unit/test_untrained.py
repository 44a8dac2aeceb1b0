"""A language model that is as good as untrained says so where one looks inside of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from genmodels.families.text import untrained


def told(monkeypatch: pytest.MonkeyPatch, before: int = 0, **state: Any) -> str:
    monkeypatch.setattr(untrained, "_guessing", lambda _: 3.0)
    run: Any = SimpleNamespace(name="story", document=lambda: {"settings": {}, "init_weights": {"steps": before}})
    loaded: Any = SimpleNamespace(state=state)
    return untrained.untrained_told(run, loaded)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ({"step": 9, "validation": {"nll": 2.0}}, "the network is hardly trained (9 steps, where 400 are a beginning)"),
        ({"step": 399}, "the network is hardly trained (399 steps, where 400 are a beginning)"),
        ({"step": 400, "validation": {"nll": 2.0}}, ""),
        ({"step": 400}, ""),
        ({"step": 100, "before": 300}, ""),
        (
            {"step": 900, "validation": {"nll": 3.0}},
            "the network predicts no better than guessing (3.000 nats per character, and guessing by how often each "
            "occurs has 3.000)",
        ),
    ],
)
def test_few_steps_and_a_loss_like_guessing_are_told(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], wanted: str
) -> None:
    assert told(monkeypatch, **state) == (f"{wanted}: what is seen in it says next to nothing" if wanted else "")
