import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genmodels.errors import ResourceError, RunError, UsageError
from genmodels.families.taking import chosen_told
from genmodels.runs import RunDir, create_run, find_run, list_runs
from made_runs import made_run

DOCUMENT = {"settings": {}, "data": {}}
RECORD = {"epoch": 1, "step": 7, "split": "validation"}


def make(root: Path, name: str | None = None, family: str = "text") -> RunDir:
    return create_run(root, family, DOCUMENT, name)


def test_twenty_runs_at_once_get_twenty_directories(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: make(tmp_path), range(20)))
    assert len({run.path for run in runs}) == 20


def test_an_existing_directory_is_never_taken_over(tmp_path: Path) -> None:
    make(tmp_path, "mine")
    with pytest.raises(UsageError, match="exists already"):
        make(tmp_path, "mine")


@pytest.mark.parametrize("name", ["..", "a/b", "", ".", "-x\n", "last", "a\x1b[2J"])
def test_a_name_that_is_not_a_plain_directory_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        make(tmp_path, name)


@pytest.mark.parametrize(
    "name",
    [
        "con",
        "CON",
        "prn",
        "Aux",
        "nul",
        "nul.txt",
        "com1",
        "lpt9.tar.gz",
        "COM²",
        "x.",
        "x..",
        "x ",
        "é" * 101,
        "\udcff",
    ],
)
def test_a_name_that_windows_or_a_file_system_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        make(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["console", "com", "com10", "my.con", "con-1", "nullable", "x.y", "é" * 100])
def test_a_name_that_only_looks_like_such_a_one_is_taken(tmp_path: Path, name: str) -> None:
    assert make(tmp_path, name).name == name


def test_the_newest_run_of_a_family_is_found_by_default(tmp_path: Path) -> None:
    make(tmp_path, "z-first")
    newest = make(tmp_path, "a-second")
    make(tmp_path, "later", family="vae")
    assert find_run(tmp_path, None, "text").path == newest.path
    assert find_run(tmp_path, "last", "text").path == newest.path
    assert find_run(tmp_path, "z-first", "text").name == "z-first"
    assert find_run(tmp_path, str(newest.path), "text").path == newest.path
    assert [r.name for r in list_runs(tmp_path)] == ["z-first", "a-second", "later"]


def test_what_is_read_where_none_is_named_is_not_being_trained_and_has_an_epoch(tmp_path: Path) -> None:
    old, new, empty = made_run(tmp_path, "old"), made_run(tmp_path, "new"), made_run(tmp_path, "empty", scores=())

    def found() -> tuple[str, str]:
        return find_run(tmp_path, None).name, find_run(tmp_path, "last").name

    assert found() == ("new", "empty")
    with new.locked(print), empty.locked(print):
        assert found() == ("old", "empty"), "the newest stays what --resume last means"
        with old.locked(print):
            assert found() == ("new", "empty"), "all are being trained"
    for run in (old, new):
        shutil.rmtree(run.path)
    assert found() == ("empty", "empty"), "whose error says what is missing"


def test_an_epoch_without_weights_was_not_kept_or_lies_ahead(tmp_path: Path) -> None:
    run = made_run(tmp_path, "story", planned=20)
    shutil.rmtree(run.checkpoints / "epoch-0002")

    def told(epoch: int) -> str:
        with pytest.raises(RunError) as caught:
            run.epoch_checkpoint(epoch)
        return f"{caught.value.what}: {caught.value.hint}"

    assert told(2) == f"epoch 2 of {run.path} was not kept: kept are: 1, 3-4."
    way = f"genmodels train-text --resume {run.path} goes on with it. kept are: 1, 3-4."
    assert told(7) == f"epoch 7 of {run.path} is not reached yet: it is at epoch 4 of 20: {way}"
    assert told(21).endswith(
        "not reached yet: it ends after 20: kept are: 1, 3-4; a new run with --epochs 21 gets so far."
    )
    with run.locked(print):
        assert f"{run.name} is being trained now: ask again when it has got further." in told(7)
    finished = made_run(tmp_path, "finished")
    with pytest.raises(RunError, match=r"epoch 5 .* is not reached yet: it ended after 4") as caught:
        finished.epoch_checkpoint(5)
    way = f"genmodels train-text --resume {finished.path} --epochs 5 gets so far."
    assert caught.value.hint == f"kept are: 1-4; {way}", "a finished run goes on"
    begun = made_run(tmp_path, "begun", scores=())
    with pytest.raises(RunError, match="no finished epoch yet") as caught:
        begun.epoch_checkpoint(None)
    assert caught.value.hint == f"genmodels train-text --resume {begun.path} goes on with it."


def test_a_missing_run_gets_a_suggestion_and_a_wrong_family_a_sentence(tmp_path: Path) -> None:
    make(tmp_path, "shakespeare")
    with pytest.raises(RunError) as caught:
        find_run(tmp_path, "shakespear", "text")
    assert caught.value.hint == "did you mean shakespeare?"
    with pytest.raises(RunError, match="is a text run, but this command needs a vae run"):
        find_run(tmp_path, "shakespeare", "vae")
    with pytest.raises(RunError, match="there is no vae run"):
        find_run(tmp_path, None, "vae")
    with pytest.raises(RunError, match="this command needs a vae, pixelrnn or gan run"):
        find_run(tmp_path, "shakespeare", "vae", "pixelrnn", "gan")
    with pytest.raises(RunError, match="there is no vae or gan run"):
        find_run(tmp_path, None, "vae", "gan")


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        ("{", "not valid JSON"),
        ("[]", "names no format"),
        (json.dumps({"format": 7}), "run format 7"),
        (json.dumps({"format": 1}), "it lacks"),
    ],
)
def test_a_damaged_or_newer_run_is_a_sentence(tmp_path: Path, content: str, fragment: str) -> None:
    run = make(tmp_path, "r")
    (run.path / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=fragment) as caught:
        find_run(tmp_path, "r", "text")
    assert caught.value.hint


def test_a_torn_last_metrics_line_is_left_out_and_an_inner_one_is_an_error(tmp_path: Path) -> None:
    run = make(tmp_path, "r")
    run.append_metrics(RECORD)
    run.append_metrics(RECORD | {"epoch": 2})
    with run.metrics_path.open("a", encoding="utf-8") as file:
        file.write('{"epoch": ')
    assert [r["epoch"] for r in run.metrics()] == [1, 2]
    for broken in ("torn", "3", '{"epoch": 3}', "[" * 100_000):
        run.metrics_path.write_text(f"{json.dumps(RECORD)}\n{broken}\n{json.dumps(RECORD)}\n", encoding="utf-8")
        with pytest.raises(RunError, match="line 2"):
            run.metrics()


def test_metrics_are_cut_back_to_a_checkpoint(tmp_path: Path) -> None:
    run = make(tmp_path, "r")
    run.append_metrics(RECORD)
    size = run.metrics_size()
    run.append_metrics(RECORD | {"epoch": 2})
    run.truncate_metrics(size)
    assert run.metrics() == [RECORD]
    with pytest.raises(RunError, match="shorter"):
        run.truncate_metrics(size + 99)


def test_epochs_come_from_directory_names_alone(tmp_path: Path) -> None:
    run = make(tmp_path / "epoch-0099" / "run7", "r")
    for name in ("epoch-0001", "epoch-0002", "epoch-0010", "step-00000020", ".tmp-epoch-0003"):
        (run.checkpoints / name).mkdir()
    (run.checkpoints / "epoch-0004").write_text("a file")
    assert run.epochs() == [1, 2, 10]
    with pytest.raises(RunError, match=r"epoch 3 of .* was not kept") as caught:
        run.epoch_checkpoint(3)
    assert caught.value.hint == "kept are: 1-2, 10."


def test_a_pointer_to_elsewhere_is_refused(tmp_path: Path) -> None:
    run = make(tmp_path, "r")
    (run.checkpoints / "last").write_text("../../secret")
    with pytest.raises(RunError, match="points to"):
        run.pointer("last")


def test_a_folder_that_cannot_be_made_is_a_resource_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write"):
        make(tmp_path / "file" / "runs")


def test_a_run_that_could_not_be_made_leaves_its_name_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("genmodels.runs.making.write_synced", full)
    with pytest.raises(ResourceError, match="No space left"):
        make(tmp_path, "mine")
    monkeypatch.undo()
    assert make(tmp_path, "mine").document()["family"] == "text"


def test_a_damaged_run_is_passed_over_where_one_is_read_and_named_where_the_newest_is_meant(tmp_path: Path) -> None:
    older, newest = make(tmp_path, "older"), make(tmp_path, "newest")
    (newest.path / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"newest.*damaged"):
        find_run(tmp_path, "last", "text")
    assert find_run(tmp_path, None, "text").path == older.path
    assert "newest may be newer, but is passed over" in chosen_told(tmp_path, older, "text")
    assert find_run(tmp_path, "older", "text").path == older.path
    for path in (newest.path / "run.json", newest.path):
        os.utime(path, (0, 0))
    assert find_run(tmp_path, "last", "text").path == older.path
    assert "passed over" not in chosen_told(tmp_path, older, "text")


def test_a_setting_without_its_origin_is_damage(tmp_path: Path) -> None:
    run = create_run(tmp_path, "text", {"settings": {"seed": {"value": 1}}, "data": {}}, "r")
    with pytest.raises(RunError, match="no valid settings"):
        run.document()


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"elbo": -90.0, "kl": 3.0, "standard_error": 0.1}, "elbo_standard_error"),
        ({"nll": 1.5, "word_error_rate_standard_error": 0.2, "standard_error": 0.1}, "nll_standard_error"),
        ({"kernel_distance": 0.1, "standard_error": 0.1}, "kernel_distance_standard_error"),
        ({"kernel_distance": 0.1, "real/standard_error": 0.1}, "real/kernel_distance_standard_error"),
    ],
)
def test_errors_of_runs_of_earlier_versions_are_read_under_the_name_of_their_measure(
    tmp_path: Path, before: Mapping[str, float], now: str
) -> None:
    run = RunDir(tmp_path)
    run.metrics_path.write_text(json.dumps({"epoch": 1, "step": 9, "split": "test", **before}) + "\n")
    (record,) = run.metrics()
    assert record[now] == 0.1
    assert not [name for name in record if name.endswith("standard_error") and name.count("_") < 2]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_itself_among_the_checkpoints_is_none(tmp_path: Path) -> None:
    run = made_run(tmp_path, "r")
    for name in ("epoch-0009", "step-00000090"):
        (run.checkpoints / name).symlink_to(run.checkpoints / name)
    (run.checkpoints / "epoch-0008").symlink_to(run.checkpoints / "epoch-0004")
    assert (run.epochs(), run.steps()) == ([1, 2, 3, 4, 8], [30, 40])
