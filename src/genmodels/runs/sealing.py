"""Seals: what decides a run's result, as it was whenever something of it was saved.

run.json is sealed as a whole: `seal.sha256` is the sum of all else that it holds, `seal.number` counts how often
genmodels wrote it. So is comparison.json, whose seal holds in `seal.values` what it said as well. Each training state,
epoch and part of one holds in its state.json, and so under its manifest's sum, a seal of what was there when it was
saved: what run.json said, the bytes of metrics.jsonl, the epochs before it and the training state before it by the sums
of their manifests, which lead from each to the one before. They keep nobody out who means to deceive, as anybody can
compute a sum; what was changed by hand, by a slip or by a disk is found, and named.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "seal"  # in run.json and comparison.json, and in the state.json of whatever is saved
VALUES = "values"  # in the seal of comparison.json
ACCEPTED = "accepted"  # in run.json: changes with which its owner went on
PRUNED = "pruned"  # in run.json: epochs whose weights were deleted by `runs prune`
LONGEST = 200  # characters of a value that a seal holds as it is; of a longer one it holds the sum
LENGTHENED = "lengthened"  # in run.json: what was asked for each time that the finished run was gone on with
_NOT_TOLD = {SEAL, ACCEPTED, PRUNED, LENGTHENED, "init_from"}  # genmodels itself changes these


def canonical(value: Any) -> bytes:
    """The one way in which equal documents are written, whatever their order and their spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def sum_of(data: bytes) -> str:
    """The SHA-256 sum of some bytes."""
    return hashlib.sha256(data).hexdigest()


def values_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a run.json says, flat: "settings.seed", "plan.total_steps", "data.fingerprint", "prompt".

    >>> values_of({"family": "text", "settings": {"seed": {"value": 1, "from": "flag"}}, "plan": None})
    {'family': 'text', 'settings.seed': 1, 'plan': None}
    """
    found: dict[str, Any] = {}
    for name, value in document.items():
        if name in _NOT_TOLD:
            continue
        inner = value if isinstance(value, dict) and name != "versions" else None
        for key, one in {name: value}.items() if inner is None else inner.items():
            told = one["value"] if name == "settings" and isinstance(one, dict) and "value" in one else one
            found[name if inner is None else f"{name}.{key}"] = _short(told)
    return found


def _short(value: Any) -> Any:
    written = canonical(value)
    return value if len(written) <= LONGEST else f"sha256:{sum_of(written)}"


def sealed(document: Mapping[str, Any], number: int, *, telling: bool = False) -> dict[str, Any]:
    """A run.json or comparison.json with the seal that belongs to it.

    Args:
        document: its content, with an older seal or none.
        number: how often it was written then.
        telling: whether the seal holds what it says too, as nothing that is saved later does.
    """
    document = json.loads(json.dumps(document))  # as it is read back, its names in the order of texts
    seal = {"number": number, **({VALUES: values_of(document)} if telling else {})}
    return {**document, SEAL: {**seal, "sha256": _sum_in(document, seal)}}


def _sum_in(document: Mapping[str, Any], seal: Mapping[str, Any]) -> str:
    """The sum that belongs into the seal: of all else, and what else it holds."""
    return sum_of(canonical({**document, SEAL: seal if VALUES in seal else seal["number"]}))


def number_in(document: Mapping[str, Any]) -> int | None:
    """How often a run.json was written, by its seal, or the one at which something was saved; None without a seal."""
    seal = document.get(SEAL)
    number = seal.get("number") if isinstance(seal, dict) else None
    return number if isinstance(number, int) else None


def is_whole(document: Mapping[str, Any]) -> bool:
    """Whether a run.json or comparison.json is as genmodels wrote it; False where it has no seal."""
    if number_in(document) is None:
        return False
    seal = {name: value for name, value in document[SEAL].items() if name != "sha256"}
    return bool(document[SEAL].get("sha256") == _sum_in(document, seal))


def changed(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A run.json or comparison.json with some entries changed by genmodels.

    It is sealed anew, but where the one before was not whole: the seal of one that somebody else changed stays, and
    goes on not to match.
    """
    after, number = {**document, **changes}, number_in(document)
    if number is None or not is_whole(document):
        return after
    return sealed(after, number + 1, telling=VALUES in document[SEAL])
