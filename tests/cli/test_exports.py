"""genmodels runs export: nothing of a history is lost, weights load without us, a network computes what ours does."""

import csv
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import genmodels
from cli.mistakes import check
from genmodels.exports import graphs
from genmodels.families import FAMILIES
from genmodels.families.graph import BATCH, graph_of
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.epochs import number_of
from homes import HOMES

HOME = "trained text"
ALONE = "import sys; sys.modules.update(genmodels=None, torch=None); exec(open('snippet.py').read())"


def home_named(family: str) -> str:
    return "trained text" if not HOMES[family].trainings else family


@pytest.fixture(params=list(FAMILIES))
def of_each_family(request: pytest.FixtureRequest, home_of, monkeypatch: pytest.MonkeyPatch) -> list:
    """The trained runs of a family."""
    folder = home_of(home_named(request.param))
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    found = [run for run in genmodels.list_runs() if run.family == request.param]
    assert found, "else the tests below look at nothing"
    return found


# -- histories ------------------------------------------------------------------------------------


def plain(head: str) -> str:
    return head.partition(" (")[0]


def test_every_number_of_a_history_is_in_the_table(of_each_family) -> None:
    for run in of_each_family:
        path = genmodels.export_run(run, "csv")
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{plain(head): cell for head, cell in row.items() if cell != ""} for row in csv.DictReader(file)]
        records = [json.loads(line) for line in run.metrics_path.read_text("utf-8").splitlines()]
        assert len(rows) == len(records) > 0
        for row, record in zip(rows, records, strict=True):
            assert row == {name: value if name == "split" else str(value) for name, value in record.items()}
        assert path.parent == run.path / "exports"


def test_a_header_tells_the_unit_of_what_has_one(at_home) -> None:
    outcome = at_home("runs", "export", "tiny", "--to", "csv", "--out", "tiny.csv")
    assert (outcome.code, outcome.out, outcome.err) == (0, "tiny.csv\n", "history: tiny.csv\n")
    head = Path("tiny.csv").read_text("utf-8").splitlines()[0].split(",")
    assert head[:5] == ["epoch", "step (updates)", "split", "steps (updates averaged)", "seconds (s)"]
    assert {"nll (nats per character)", "accuracy (share)", "gradient_norm", "chars_per_second"} <= set(head)


def test_event_files_hold_the_same_numbers_at_the_same_steps_for_tensorboard_to_read(of_each_family) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = of_each_family[0]
    genmodels.export_run(run, "tensorboard", "events")
    folder = genmodels.export_run(run, "tensorboard", "events")  # it takes the place of the one before
    records = run.metrics()
    parts = {"while training" if "steps" in record else record["split"] for record in records}
    assert {path.name for path in folder.iterdir()} == parts
    for part in parts:
        read = EventAccumulator(str(folder / part))
        read.Reload()
        own = [one for one in records if ("while training" if "steps" in one else one["split"]) == part]
        found = {(name, one.step): one.value for name in read.Tags()["scalars"] for one in read.Scalars(name)}
        wanted = {
            (name, record["step"]): value
            for record in own
            for name, value in record.items()
            if name not in {"step", "steps", "split", "seconds"}
        }
        assert found.keys() == wanted.keys()
        assert all(found[key] == pytest.approx(wanted[key], rel=1e-6, nan_ok=True) for key in wanted)
        began = datetime.fromisoformat(run.document()["created_at"]).timestamp()
        times = {one.step: one.wall_time - began for one in read.Scalars("epoch")}
        assert times == pytest.approx({one["step"]: one.get("seconds", 0.0) for one in own}, abs=0.01)


def test_what_a_link_leads_to_is_replaced_where_it_is_ours_and_the_link_stays(at_home) -> None:
    before = Path("corpus.txt").read_bytes()
    Path("link.csv").symlink_to("corpus.txt")
    line = ("runs", "export", "tiny", "--to", "csv", "--out", "link.csv")
    check(at_home(*line), 2, "corpus.txt, which is not known to be what genmodels wrote")
    assert Path("corpus.txt").read_bytes() == before
    assert "link.csv is a link: replaced" in at_home(*line, "--force").err
    assert Path("link.csv").is_symlink()
    assert Path("corpus.txt").read_bytes().startswith(b"epoch,")
    Path("elsewhere").mkdir()
    Path("linked").symlink_to("elsewhere")
    check(
        at_home("runs", "export", "tiny", "--to", "safetensors", "--out", "linked"), 2, "linked is a link, not a folder"
    )
    assert list(Path("elsewhere").iterdir()) == []


# -- weights --------------------------------------------------------------------------------------


def test_weights_load_with_safetensors_alone_as_the_card_says(of_each_family) -> None:
    for run in of_each_family:
        folder = genmodels.export_run(run, "safetensors")
        assert {path.name for path in folder.iterdir()} == {"model.safetensors", "settings.json", "README.md"}
        card = (folder / "README.md").read_text("utf-8")
        snippet = re.search(r"```python\n(.*?)```", card, re.DOTALL)[1]
        (folder / "snippet.py").write_text(snippet, encoding="utf-8")
        done = subprocess.run([sys.executable, "-c", ALONE], cwd=folder, capture_output=True, text=True, check=False)
        (folder / "snippet.py").unlink()
        assert done.returncode == 0, done.stderr
        weights = read_checkpoint(run.epoch_checkpoint(None)).tensors["model"]
        told = [f"{name} {array.dtype} {' '.join(map(str, array.shape))}".rstrip() for name, array in weights.items()]
        assert done.stdout.splitlines()[1:] == sorted(told)
        assert done.stdout.startswith(f"{run.family} {run.setting('model')} after epoch")
        from safetensors.numpy import load_file

        for name, array in load_file(folder / "model.safetensors").items():
            np.testing.assert_array_equal(array, weights[name])
        about = json.loads((folder / "settings.json").read_text("utf-8"))
        assert about["settings"]["model"] == run.setting("model")
        assert f"`{next(iter(graph_of(run).inputs))}`" in card


def test_weights_and_network_are_those_of_the_epoch_that_is_named(of_each_family) -> None:
    import onnx

    run = next((run for run in of_each_family if len(run.epochs()) > 1), None)
    if run is None:
        pytest.skip("one epoch alone was kept")
    best = read_checkpoint(run.epoch_checkpoint(None))
    other = next(epoch for epoch in run.epochs() if run.epoch_checkpoint(epoch) != best.path)
    wanted = read_checkpoint(run.epoch_checkpoint(other)).tensors["model"]
    folder = genmodels.export_run(run, "safetensors", epoch=other)
    from safetensors.numpy import load_file

    found = load_file(folder / "model.safetensors")
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)
    assert any(not np.array_equal(found[name], best.tensors["model"][name]) for name in wanted)
    assert json.loads((folder / "settings.json").read_text("utf-8"))["epoch"] == other
    assert f"after epoch {other:g}; the best is epoch {number_of(best.path.name):g}: `" in (
        folder / "README.md"
    ).read_text("utf-8")
    network = onnx.load(genmodels.export_run(run, "onnx", "other.onnx", epoch=other, notice=lambda _: None))
    (kept,) = (one.value for one in network.metadata_props if one.key == "genmodels")
    assert json.loads(kept)["epoch"] == other
    best_network = onnx.load(genmodels.export_run(run, "onnx", "best.onnx", notice=lambda _: None))
    assert network.graph != best_network.graph


def test_an_epoch_means_nothing_to_a_history(at_home) -> None:
    outcome = at_home("runs", "export", "tiny", "--to", "csv", "--epoch", 1, "--out", "one.csv")
    check(outcome, 2, "--epoch 1 means nothing to --to csv, which is of all epochs")
    assert not Path("one.csv").exists()
    outcome = at_home("runs", "export", "tiny", "--to", "safetensors", "--epoch", 1, "--out", "first")
    assert outcome.code == 0
    assert json.loads(Path("first/settings.json").read_text("utf-8"))["epoch"] == 1


def test_a_card_shows_what_others_wrote_and_does_nothing_with_it(at_home) -> None:
    document = json.loads(Path("runs/tiny/run.json").read_text("utf-8"))
    document["argv"] = ["train-text", "a`b``c.txt", "<script>|\u202e"]
    document["data"]["sources"] = ["x | `y` ](javascript:1).txt"]
    Path("runs/tiny/run.json").write_text(json.dumps(document), encoding="utf-8")
    assert at_home("runs", "export", "tiny", "--to", "safetensors", "--out", "weights").code == 0
    card = Path("weights/README.md").read_text("utf-8")
    assert "on `` x | `y` ](javascript:1).txt ``:" in card
    assert "``` genmodels train-text 'a`b``c.txt' '<script>|" in card
    assert "\u202e" not in card


def test_a_folder_that_takes_the_place_of_another_is_told(at_home) -> None:
    line = ("runs", "export", "tiny", "--to", "safetensors", "--out", "again")
    assert "replaced" not in at_home(*line).err
    assert "note: replaced again, which was there" in at_home(*line).err


def test_a_history_decides_on_no_folder_elsewhere_nor_does_a_link_in_a_run(at_home) -> None:
    metrics = Path("runs/tiny/metrics.jsonl")
    whole = metrics.read_bytes()
    metrics.write_bytes(whole.replace(b'"split": "validation"', b'"split": "../../out"', 1))
    assert metrics.read_bytes() != whole
    check(at_home("runs", "export", "tiny", "--to", "tensorboard", "--out", "tb/in"), 4, "a part is called ../../out")
    metrics.write_bytes(whole)
    assert not any(Path(name).exists() for name in ("out", "tb"))
    Path("outside").mkdir()
    Path("runs/tiny/exports").symlink_to(Path("outside").absolute())
    try:
        check(at_home("runs", "export", "tiny", "--to", "csv"), 2, "runs/tiny/exports is a link")
    finally:
        Path("runs/tiny/exports").unlink()
    assert list(Path("outside").iterdir()) == []


# -- networks -------------------------------------------------------------------------------------


def test_a_network_in_onnx_computes_what_ours_does_of_other_inputs_too(of_each_family) -> None:
    import onnx
    import onnxruntime
    import torch

    for run in of_each_family:
        told: list[str] = []
        path = genmodels.export_run(run, "onnx", "model.onnx", notice=told.append)
        assert re.fullmatch(r"over 64 recorded inputs its logits differ from our own by at most \S+; more .*", told[-1])
        session, graph = onnxruntime.InferenceSession(path), graph_of(run)
        inputs = {
            name: tensor.narrow(next(d for d, called in graph.free[name].items() if called == BATCH), 5, 7)
            for name, tensor in graph.inputs.items()
        }
        with torch.inference_mode():
            ours = graph.call(*inputs.values())
        theirs = session.run(list(graph.outputs), {name: tensor.numpy() for name, tensor in inputs.items()})
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.numpy(), other, atol=1e-4)
        (kept,) = (one.value for one in onnx.load(path).metadata_props if one.key == "genmodels")
        about = json.loads(kept)
        assert about["settings"]["model"] == run.setting("model")
        assert about["about"].keys() == {*graph.inputs, *graph.outputs}


@pytest.mark.parametrize("model", ["feedforward", "rnn", "gru"])
def test_other_language_models_write_letter_by_letter_in_onnx(at_home, model: str) -> None:
    import onnxruntime

    small = ("--hidden-size", 8, "--embedding-size", 6, "--batch-size", 4, "--window", 16, "--epochs", 1, "-q")
    line = ("train-text", "corpus.txt", "--model", model, "--layers", 2, *small, "--name", f"of-{model}")
    assert at_home(*line).code == 0
    outcome = at_home("runs", "export", f"of-{model}", "--to", "onnx", "--out", f"{model}.onnx", "--json")
    facts = json.loads(outcome.out)
    assert facts["largest_difference"] < 1e-5
    session = onnxruntime.InferenceSession(facts["path"])
    about = json.loads(session.get_modelmeta().custom_metadata_map["genmodels"])
    state = {
        one.name: np.zeros([size if isinstance(size, int) else 1 for size in one.shape], np.float32)
        for one in session.get_inputs()[1:]
    }
    if model == "feedforward":
        state = {name: array.astype(np.int64) for name, array in state.items()}
    ids, written = [about["vocabulary"].index(ord(letter)) for letter in "the cat "], ""
    for _ in range(20):
        logits, *after = session.run(None, {"ids": np.array([ids], np.int64), **state})
        state = dict(zip(state, after, strict=True))
        ids = [int(logits[0, -1].argmax())]
        written += chr(about["vocabulary"][ids[0]])
    run = genmodels.open_run(f"of-{model}", genmodels.TextRun)
    assert run.sample("the cat ", temperature=0, length=20)[0].text == written


def test_a_network_that_computes_something_else_is_refused_and_nothing_is_left_behind(at_home, monkeypatch) -> None:
    monkeypatch.setattr(graphs, "MOST", 1e-12)
    outcome = at_home("runs", "export", "tiny", "--to", "onnx", "--out", "new/refused.onnx")
    check(outcome, 2, "in ONNX the network of runs/tiny differs from itself by up to")
    assert not Path("new").exists()


def test_ids_and_shapes_that_differ_are_no_small_difference() -> None:
    ids = np.arange(3)
    assert graphs._apart(ids, ids) == 0
    assert graphs._apart(ids, ids + 1) == float("inf")
    assert graphs._apart(np.zeros((1, 3)), np.zeros(3)) == float("inf")
    assert graphs._apart(np.array([0.5, np.nan]), np.array([0.5, 0.5])) != 0


@pytest.mark.parametrize(
    "is_other", [lambda ids: len(ids) == 1, lambda ids: ids.shape[1] == 1, lambda ids: ids.shape[1] % 2 == 1]
)
def test_a_network_is_tried_alone_and_at_the_shortest_and_an_odd_length(at_home, monkeypatch, is_other) -> None:
    import dataclasses

    row = FAMILIES["text"]

    def graph(run, epoch):
        found = row.graph(run, epoch)

        def call(ids, *state):
            logits, *after = found.call(ids, *state)
            return [logits + 1 if is_other(ids) else logits, *after]

        return dataclasses.replace(found, call=call)

    monkeypatch.setitem(FAMILIES, "text", dataclasses.replace(row, graph=graph))
    outcome = at_home("runs", "export", "tiny", "--to", "onnx", "--out", "other.onnx")
    check(outcome, 2, "in ONNX the network of runs/tiny differs from itself by up to 1 in a logit")
    assert not Path("other.onnx").exists()


def test_a_family_without_a_graph_and_a_network_without_operators_are_a_sentence(at_home, monkeypatch) -> None:
    import dataclasses

    import torch

    row = FAMILIES["text"]
    monkeypatch.setitem(FAMILIES, "text", dataclasses.replace(row, graph=None))
    check(at_home("runs", "export", "tiny", "--to", "onnx"), 2, "is a language model, whose network is no graph")

    for call in (torch.linalg.eigvals, lambda ids: ids.unfold(1, 2, 1)):

        def graph(run, epoch, call=call):
            return dataclasses.replace(row.graph(run, epoch), call=lambda ids, *_: [call(ids.float()[:, :4])])

        monkeypatch.setitem(FAMILIES, "text", dataclasses.replace(row, graph=graph))
        outcome = at_home("runs", "export", "tiny", "--to", "onnx", "--out", "none.onnx")
        check(outcome, 2, "whose model is lstm, can't be told in ONNX's operators:")
        assert not Path("none.onnx").exists()


@pytest.mark.parametrize(
    ("form", "extra", "package"),
    [("tensorboard", "tensorboard", "tensorboard"), ("onnx", "onnx", "onnx"), ("onnx", "onnx", "onnxruntime")],
)
def test_an_extra_that_is_missing_is_named(at_home, monkeypatch, form: str, extra: str, package: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    outcome = at_home("runs", "export", "tiny", "--to", form)
    check(outcome, 5, f"this export needs the package {package}, which is not installed")
    assert f"pip install 'genmodels[{extra}]'" in outcome.err
