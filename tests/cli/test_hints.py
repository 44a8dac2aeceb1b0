"""The rules that follow hints, and that a hint which leads nowhere is found."""

import shlex

import pytest

from cli.hints import Refused, followed, made_small
from cli.mistakes import MISTAKES, Mistake, Untypable
from cli.test_mistakes import follow
from doors import Outcome


@pytest.mark.parametrize(
    ("line", "error", "hint", "then"),
    [
        ("train --model LSMT", "--model 'LSMT' is unknown", "did you mean lstm?", ["train --model lstm"]),
        ("train --compare rnn,lsmt", "no model 'lsmt'", "did you mean lstm?", ["train --compare rnn,lstm"]),
        ("compare game gane", "there is no run gane", "did you mean game?", ["compare game game"]),
        ("train --epohcs 3", "there is no option", "did you mean --epochs?", ["train --epochs 3"]),
        ("x --n 0", "--n is 0", "try --n 2.", ["x --n 2"]),
        ("x --n -1", "--n is -1", "try --n 0.5.", ["x --n 0.5"]),
        ("x --n 7", "--n 7: there are 4", "choose from 0 to 3.", ["x --n 3"]),
        ("x --epoch 8", "no evaluation of epoch 8", "evaluated are: 0-3.", ["x --epoch 3"]),
        ("x --kind a", "--kind 'a' is unknown", "choose one of: none, row-lstm.", ["x --kind row-lstm"]),
        ("x --n 3", "--n is 3, but it must be 1 or 4", "choose 1 or 4.", ["x --n 4"]),
        ("x --epochs 9", "epoch 9 was not kept", "kept are: 1,3-4.", ["x --epochs 1,3-4"]),
        ("x --epoch 9", "epoch 9 was not kept", "kept are: 1,3-4.", ["x --epoch 4"]),
        ("x --a 1 --b", "--a and --b contradict each other", "give one of them.", ["x --b", "x --a 1"]),
        ("x --a 1 --b 2", "--a contradicts --b", "leave it out: it goes by b.", ["x --b 2"]),
        ("x --a 1 --b 2", "--a contradicts --b", "leave --b out.", ["x --a 1"]),
        ("x --out a.b/c.bmp", "--out a.b/c.bmp has no", "end it in .png or .svg.", ["x --out a.b/c.png"]),
        ("x --name last", "--name 'last' is reserved", "choose another name.", ["x --name other"]),
        ("x --run a", "a is a vae run", "name another run, such as runs/b.", ["x --run runs/b"]),
        ("x --t hot", "--t 'hot' is no list", "write --t 0.25,0.75.", ["x --t 0.25,0.75"]),
        ("x --t a", "--t 'a' is none", "give numbers or ranges, such as --t 1,2 or 1-2.", ["x --t 1,2"]),
        ("x --device gpu", "--device 'gpu' is no device", "use auto, cpu or mps.", ["x --device auto"]),
        ("x --run a", "there is no run a", "genmodels runs list --runs 'a b' shows what there is.",
         ["runs list --runs 'a b'"]),
        ("x --run a", "a is no vae run", "genmodels train-vae makes one.", ["train-vae --dataset set.npz", "x"]),
        ("x", "the disk is full", "free some space.", []),
    ],
)  # fmt: skip
def test_a_rule_types_what_the_hint_says(line: str, error: str, hint: str, then: list[str]) -> None:
    assert followed(Refused(shlex.split(line), error, hint)) == [shlex.split(expected) for expected in then]


def test_a_training_that_follows_is_made_small_but_for_what_it_says_itself() -> None:
    small = made_small(["train-vae", "--minutes", "3", "--latent-size", "9"])
    assert small[small.index("--minutes") + 1] == "0.001"
    assert small.count("--latent-size") == 1
    assert "--epochs" not in small
    assert made_small(["runs", "list"]) == ["runs", "list"]


WRONG = Mistake("text", "a wrong model", "train-text --model lsmt", 2, "")
REFUSED = Refused(WRONG.arguments, "--model 'lsmt' is unknown", "did you mean lstm?")


def test_a_hint_that_leads_to_another_refusal_is_found() -> None:
    with pytest.raises(AssertionError, match=r"led to .*'lstm'.* which failed"):
        follow(lambda *_: Outcome(2, "", "error: no"), WRONG, REFUSED)


def test_a_hint_that_nobody_can_follow_asks_for_a_row_that_does() -> None:
    with pytest.raises(AssertionError, match="write the line that does into its row"):
        follow(lambda *_: Outcome(0, "", ""), WRONG, Refused(WRONG.arguments, "--model 'lsmt'", "think again."))


def test_what_a_row_says_goes_before_the_rules() -> None:
    typed: list[tuple[str, ...]] = []

    def cli(*line: str) -> Outcome:
        typed.append(line)
        return Outcome(0, "", "")

    row = Mistake("text", "a wrong model", "train-text --model lsmt", 2, "", ("runs list --runs here", "runs show"))
    follow(cli, row, REFUSED)
    assert typed == [("runs", "list", "--runs", "here"), ("runs", "show")]
    follow(cli, Mistake("text", "no space", "x", 5, "", Untypable("disks are not filled here")), REFUSED)
    assert len(typed) == 2


def test_few_hints_are_left_that_cannot_be_typed() -> None:
    assert sum(isinstance(mistake.then, Untypable) for mistake in MISTAKES) <= 12
