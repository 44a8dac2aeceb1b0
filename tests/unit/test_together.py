"""A start by torchrun that goes on with the run of the start before it."""

import pytest

from genmodels.training import together


@pytest.mark.parametrize(("given", "named"), [(None, False), ("none", False), ("", False), ("7f3a", True)])
def test_a_start_has_a_name_where_torchrun_was_given_one(
    given: str | None, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    if given is not None:
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", given)
    assert together._has_a_name() == named
