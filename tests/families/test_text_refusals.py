"""Values that a text run refuses, in the commands' own sentences; NumPy's numbers it takes."""

import inspect

import numpy as np
import pytest

import genmodels
from families.refusals import refused
from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.families.text.comparing import TextComparison
from genmodels.settings.sampling import SampleSettings


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda run: run.sample(length="5"), "length is '5', but it must be a whole number"),
        (lambda run: run.sample(length=2.5), "length is 2.5, but it must be a whole number"),
        (lambda run: run.sample(length=0), "length is 0, but it must be from 1 to "),
        (lambda run: run.sample(count=True), "count is True, but it must be a whole number"),
        (lambda run: run.sample(top_k=1.5), "top_k is 1.5, but it must be a whole number or None"),
        (lambda run: run.sample(seed=-1), "seed is -1, but it must be "),
        (lambda run: run.sample(temperature="0.5"), "temperature is '0.5', but it must be a number"),
        (lambda run: run.sample(temperature=[]), "no temperature was given"),
        (lambda _: SampleSettings(length="5"), "length is '5', but it must be a whole number"),
        (lambda run: run.judge(length=99), "length is 99, but it must be 100 or more"),
        (lambda run: run.judge(length=200.0), "length is 200.0, but it must be a whole number"),
        (lambda run: run.judge(seed=-1), "seed is -1, but it must be "),
        (lambda run: run.judge(temperature=-1), "temperature is -1, but it must be from 0"),
        (lambda run: run.gradients(windows=0), "windows is 0, but it must be 64 or more"),
        (lambda run: run.gradients(windows=1), "windows is 1, but it must be 64 or more"),
        (lambda run: run.gradients(window=1), "window is 1, but it must be 2 or more"),
        (lambda run: run.gradients(lags=0), "lags is 0, but it must be 2 or more"),
        (lambda run: run.gradients(lags=-5), "lags is -5, but it must be 2 or more"),
        (lambda run: run.gradients(window=20.5), "window is 20.5, but it must be a whole number"),
    ],
)
def test_a_value_out_of_its_range_or_of_another_type_is_refused(run, ask, told) -> None:
    with refused(UsageError, told):
        ask(run)


def test_numbers_may_be_numpy_s(run) -> None:
    ours = run.sample(length=5, temperature=[0.5, 1.5], count=2, top_k=3)
    theirs = run.sample(
        length=np.int64(5), temperature=[np.float32(0.5), np.float64(1.5)], count=np.uint8(2), top_k=np.int32(3)
    )
    assert ours == theirs
    assert run.sample(length=5, temperature=np.float32(1)) == run.sample(length=5, temperature=1)


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        (["sample-text", "--count", 0], lambda run: run.sample(count=0)),
        (["sample-text", "--top-p", 2], lambda run: run.sample(top_p=2)),
        (["judge-text", "--temp", -1], lambda run: run.judge(temperature=-1)),
        (["judge-text", "--unknown", "drop"], lambda run: run.judge(unknown="drop")),
        (["eval-text", "--protocol", "both"], lambda run: run.score(protocol="both")),
        (["eval-text", "--dynamic-decay", 0.5], lambda run: run.score(dynamic_decay=0.5)),
        (["plot-gates", "--units", 12], lambda run: run.gates(units=[12])),
        (["plot-gradients", "--window", 50, "--lags", 50], lambda run: run.gradients(window=50, lags=50)),
    ],
    ids=lambda words: " ".join(map(str, words)) if isinstance(words, list) else "",
)
def test_the_library_s_sentence_is_the_command_s_but_for_the_name_of_the_argument(run, cli, words, ask) -> None:
    with pytest.raises(GenmodelsError) as caught:
        ask(run)
    answered = cli(*words, "--run", run.path).err
    assert answered == "error: {}\nhint: {}\n".format(*caught.value.typed)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("judge-text --run nope --unknown x", 2),
        ("sample-text --run nope --unknown x", 2),
        ("eval-text --run nope --unknown x", 2),
        ("eval-text --run nope --protocol x", 2),
        ("eval-images --run nope --split foo", 2),
        ("eval-images --run nope --binarize foo", 2),
        ("eval-images --run nope --epochs x", 4),
        ("complete --run nope --hide x", 2),
        ("complete --run nope --images 1 --input x", 2),
        ("plot-latent --run nope --kind x", 2),
        ("plot-gradients --run nope --init --epoch 1", 2),
        ("read-image --run nope --decode x", 2),
        ("eval-reader --run nope --beam-width 3", 2),
    ],
)
def test_a_choice_is_refused_before_the_run_is_looked_for(cli, line: str, code: int) -> None:
    assert cli(*line.split()).code == code


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"layer": 2}, UsageError, "layer=2 is beyond the 1 of tiny"),
        ({"layer": 0}, UsageError, "layer is 0, but it must be 1 or more"),
        ({"layer": True}, UsageError, "layer is True, but it must be a whole number"),
        ({"units": [12]}, UsageError, "units=12 is beyond the 12 of tiny"),
        ({"units": [-1]}, UsageError, "units=-1 is beyond the 12 of tiny"),
        ({"units": []}, UsageError, "units names none"),
        ({"units": "3"}, UsageError, "units is '3', but it must be a whole number, or a list"),
        ({"start": -1}, UsageError, "start is -1, but it must be 0 or more"),
        ({"length": 401}, UsageError, "length is 401, but it must be from 2 to 400"),
        ({"length": 1}, UsageError, "length is 1, but it must be from 2 to 400"),
        ({"text": "t", "units": [1]}, DataError, "--text has 1 character$"),
        ({"start": 9_999, "units": [1]}, DataError, "--start 9999 is beyond"),
        ({"epoch": 7}, RunError, "epoch 7"),
    ],
)
def test_gates_that_are_not_there_are_told(run, asked, error, told) -> None:
    with pytest.raises(error, match=told):
        run.gates(**asked)


def test_a_text_for_gates_that_the_run_does_not_know_may_be_left_out(run) -> None:
    with pytest.raises(DataError, match="'Ü' in --text is not in the vocabulary") as raised:
        run.gates(text="Ünt", units=[1])
    assert raised.value.hint == "use only characters of the training text, or leave --text out."


@pytest.mark.parametrize(
    ("models", "told"),
    [
        (["rnn"], "does not name two or more different models"),
        (["rnn", "rnn"], "does not name two or more different models"),
        (["rnn", "lsmt"], "models='rnn,lsmt': there is no model 'lsmt'"),
    ],
)
def test_a_comparison_of_fewer_than_two_models_is_refused(models, told) -> None:
    with pytest.raises(UsageError, match=told):
        TextComparison(models=models)


@pytest.mark.parametrize(
    ("asked", "what", "hint"),
    [
        (lambda run: run.sample("the ", temp=0.5), "sample() has no argument 'temp'", "did you mean temperature?"),
        (lambda run: run.gates(unit=[3]), "gates() has no argument 'unit'", "did you mean units?"),
        (lambda run: run.follow("nll", nam="x"), "follow() has no argument 'nam'", "did you mean name?"),
        (lambda run: run.course(zzzz=1), "course() has no argument 'zzzz'", "it takes: "),
        (lambda _: genmodels.train_text(txt="a"), "there is no setting 'txt'", "did you mean text?"),
        (lambda _: genmodels.train_vae("digits", lr=1), "there is no setting 'lr'", "did you mean learning_rate?"),
        (lambda _: genmodels.compare_text(["rnn"], txt="a"), "there is no setting 'txt'", "did you mean text?"),
        (lambda _: genmodels.leave_one_out("a", datset=1), "there is no setting 'datset'", "did you mean dataset?"),
    ],
)
def test_a_wrong_name_of_an_argument_tells_which_was_meant(run, asked, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        asked(run)
    assert raised.value.what == what
    assert str(raised.value.hint).startswith(hint)


def test_questions_keep_their_signatures_and_what_is_missing_stays_a_type_error(run) -> None:
    assert list(inspect.signature(run.sample).parameters)[:3] == ["prompt", "epoch", "temperature"]
    with pytest.raises(TypeError, match="missing 1 required"):
        run.follow()


def test_an_unknown_character_of_a_text_names_the_argument_and_what_python_does_about_it(run) -> None:
    with pytest.raises(DataError, match="'Ω' in the argument text is not in the vocabulary") as raised:
        run.score(text="the ΩΩ")
    assert "unknown='skip'" in str(raised.value.hint)
