"""Signs that a training goes wrong: told once, when they have lasted, and told again when they have gone.

A GAN's generator may lose classes for an epoch and draw them in the next, and a VAE's code may be silent at first, so
one evaluation is no finding. A sign is told after `LASTING` epochs in a row, or at the end of a training that is
shorter; that it has gone is told after as many without it, or at the end. A training that ends before `ENOUGH_STEPS`
or its network's beginning has shown that it has begun and little else, so it hears that instead: with a length after
which it does not hear it again. The same number holds where networks are put side by side.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.errors import in_turn
from genmodels.settings.fields import Unusual
from genmodels.telling import counted, reads_nothing
from genmodels.training.beginnings import NOTHING_TO_LEARN, Beginning
from genmodels.training.plan import Plan

LASTING = 3  # epochs in a row
ENOUGH_STEPS = 400  # twice the usual warm-up: fewer hardly train a model, and models differ by how fast a step was
IN_RESERVE = 1.1  # times the time that a training takes is advised, as machines become busy


@dataclass(frozen=True)
class Sign:
    """What one evaluation shows of something that may go wrong.

    Args:
        name: of what may go wrong.
        present: whether it does.
        told: a sentence that says so, or that it does not.
        found: what was measured, to be told of a model that is hardly trained.
        unusual: settings far from the usual that may be why, to be told of such a model too.
    """

    name: str
    present: bool
    told: str
    found: str = ""
    unusual: Sequence[Unusual] = ()


def enough_steps(beginning: Beginning | None) -> int:
    """Updates after which a network can be judged; with fewer it is hardly trained."""
    if beginning is NOTHING_TO_LEARN:
        return 0
    return max(ENOUGH_STEPS, 0 if beginning is None else beginning.steps)


def advised_steps(beginning: Beginning | None, before: int = 0) -> int:
    """Updates that are advised, before and after a training that is too short: enough to be put beside others too.

    Args:
        beginning: of the network.
        before: that its first weights had had.
    """
    return max(1, max(enough_steps(beginning), ENOUGH_STEPS) - before)


def news_of(
    signs: Iterable[Sign],
    seen: dict[str, dict[str, Any]],
    plan: Plan,
    step: int,
    beginning: Beginning | None = None,
    ways_to: Callable[[int], Sequence[str]] = lambda _: (),
    had: int = 0,
) -> list[str]:
    """What is to be told after an epoch.

    Args:
        signs: of its evaluation.
        seen: what was seen before, by the signs' names; changed to what has been seen now. Empty at first, then of
            plain values, as training states keep it.
        plan: of the whole training.
        step: after which the epoch was evaluated.
        beginning: of the network, before which nothing is sure.
        ways_to: options to train so many steps, where --minutes was asked for; none: epochs are.
        had: updates that its first weights had.

    Returns:
        A sentence for each sign that is sure now and was not told before; of all together where the training ends and
        is too short to be sure of any. Where there is no sign after so few, that alone.
    """
    enough = enough_steps(beginning) - had
    epoch = plan.epoch_of(step)
    news: list[str] = []
    early: list[Sign] = []
    for sign in signs:
        before = seen.get(sign.name, {"present": False, "since": epoch, "told": False})
        since = before["since"] if before["present"] == sign.present else epoch
        told = before["told"]
        if sign.present and not told and step < max(enough, min(plan.steps_per_epoch, ENOUGH_STEPS - had)):
            early.append(sign)
        elif sign.present != told and _is_sure(sign, epoch - since + 1, epoch, plan.epochs):
            news.append(sign.told if since == epoch else f"since epoch {since}, {sign.told}")
            told = sign.present
        seen[sign.name] = {"present": sign.present, "since": since, "told": told}
    if step == plan.total_steps and (early or step < enough):
        longer = _longer(advised_steps(beginning, had), plan, ways_to)
        so_far = _so_far(plan, step, had)
        news.append(_early_told(early, so_far, longer) if early else _short_told(so_far, longer))
    return news


def reads_little(missed: float, right: float, of: str, unusual: Sequence[Unusual] = ()) -> Sign:
    """Of a network that reads: that it reads next to nothing.

    Args:
        missed: errors for each of what there is to read, of held-out data.
        right: share of the strips or utterances read without any error.
        of: what that is, such as "digits".
        unusual: see `Sign`.
    """
    if not reads_nothing(missed, right):
        return Sign("reading", False, f"it has begun to read: {missed:.1%} errors for all {of}")
    found = f"it reads next to nothing, {missed:.1%} errors for all {of}"
    return Sign("reading", True, f"{found}; more epochs or another --learning-rate may help", found, unusual)


def _short_told(so_far: str, longer: Sequence[str]) -> str:
    """That so few steps are a beginning."""
    return f"after {so_far} the model is hardly trained: try {in_turn(longer)}"


def _so_far(plan: Plan, step: int, before: int) -> str:
    of_parent = f" and {before:,} before, of the run that it began from," if before else ""
    return f"{counted(step, 'step')} ({counted(plan.trained(step), 'epoch')}){of_parent}"


def _longer(steps: int, plan: Plan, ways_to: Callable[[int], Sequence[str]]) -> Sequence[str]:
    """Options for at least so many steps; in minutes where those were asked for, as the first plan's warning is."""
    return ways_to(steps) or [f"--epochs {max(LASTING, -(-steps // plan.steps_per_epoch))}"]


def _early_told(early: Sequence[Sign], so_far: str, longer: Sequence[str]) -> str:
    """What may be wrong so early, and how to find out."""
    unusual = dict.fromkeys(one for sign in early for one in sign.unusual)
    reasons = ["it is hardly trained", *(f"{one.given} is far above the usual {one.value:g}" for one in unusual)]
    ways = [*longer, *(one.usual for one in unusual)]
    found = "; ".join(sign.found for sign in early)
    return f"after {so_far} {found}, which may be because {in_turn(reasons, 'or')}: try {in_turn(ways)}"


def _is_sure(sign: Sign, lasted: int, epoch: int, epochs: int | None) -> bool:
    """Whether a sign has lasted, or will not change any more."""
    if epochs is None:
        return lasted >= LASTING
    return lasted >= min(LASTING, epochs) or (not sign.present and epoch == epochs)
