import hashlib
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from genmodels import ordinary
from genmodels.errors import DivergedError, ResourceError, RunError
from genmodels.runs import RunDir, create_run
from genmodels.runs.checkpoint import load_training_state, read_checkpoint, save_training_state, write_checkpoint
from genmodels.runs.seals import state_in

DOCUMENT = {"settings": {}, "data": {}}


def arrays(value: float = 1.0) -> dict:
    return {"model": {"weight": np.full((3, 4), value, np.float32), "ids": np.arange(3)}}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return create_run(tmp_path / "runs", "text", DOCUMENT, "r")


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {"epoch": 3})
    read = read_checkpoint(tmp_path / "c")
    assert np.array_equal(read.tensors["model"]["weight"], arrays()["model"]["weight"])
    assert read.tensors["model"]["ids"].dtype == np.int64
    assert read.state["epoch"] == 3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_never_published(tmp_path: Path, value: float) -> None:
    with pytest.raises(DivergedError, match="weight"):
        write_checkpoint(tmp_path / "c", arrays(value), {})
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_epoch_s_hint_leads_to_another_where_there_is_one(run: RunDir) -> None:
    for epoch, hint in ((1, "the run keeps no other epoch; what"), (2, "--epoch or --epochs reads another; what")):
        path = run.checkpoints / f"epoch-{epoch:04d}"
        write_checkpoint(path, arrays(), {"epoch": epoch})
        (path / "model.safetensors").write_bytes(b"torn")
        with pytest.raises(RunError) as told:
            read_checkpoint(path)
        assert told.value.hint == f"{hint} of it is whole is told by: genmodels runs verify {run.quoted}"


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "c"
    write_checkpoint(path, arrays(), {"epoch": 3})
    random = np.random.default_rng(0)
    for file in sorted(path.iterdir()):
        whole = file.read_bytes()
        for position in random.integers(len(whole), size=60).tolist():
            torn = bytearray(whole)
            torn[position] ^= 1 << int(random.integers(8))
            file.write_bytes(torn)
            if file.name == "manifest.json" and _says_the_same(torn, whole):
                continue
            with pytest.raises(RunError):
                read_checkpoint(path)
        file.write_bytes(whole)
    read_checkpoint(path)


def _says_the_same(torn: bytes, whole: bytes) -> bool:
    """A flip in white space, or one of the manifest's own format downwards, changes nothing that is checked."""
    try:
        a, b = json.loads(torn), json.loads(whole)
    except ValueError:
        return False
    return a.get("files") == b["files"] and a.get("format", 0) <= b["format"]


@pytest.mark.parametrize("name", ["model.safetensors", "state.json", "manifest.json"])
def test_a_missing_file_is_noticed(tmp_path: Path, name: str) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {})
    (tmp_path / "c" / name).unlink()
    with pytest.raises(RunError):
        read_checkpoint(tmp_path / "c")


def test_a_newer_format_is_refused_politely(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {})
    manifest = tmp_path / "c" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    with pytest.raises(RunError, match="format 99") as caught:
        read_checkpoint(tmp_path / "c")
    assert caught.value.hint == "update genmodels."


def test_a_pickle_in_place_of_the_weights_is_never_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    write_checkpoint(tmp_path / "c", arrays(), {})
    data = pickle.dumps(Bomb())
    (tmp_path / "c" / "model.safetensors").write_bytes(data)
    manifest = tmp_path / "c" / "manifest.json"
    document = json.loads(manifest.read_text())
    document["files"]["model.safetensors"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest.write_text(json.dumps(document))
    with pytest.raises(RunError, match="damaged"):
        read_checkpoint(tmp_path / "c")
    assert not (tmp_path / "exploded").exists()


def test_a_manifest_cannot_point_outside_its_folder(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {})
    manifest = tmp_path / "c" / "manifest.json"
    document = json.loads(manifest.read_text())
    document["files"]["../secret"] = {"bytes": 1, "sha256": "0"}
    manifest.write_text(json.dumps(document))
    with pytest.raises(RunError, match="wrong files"):
        read_checkpoint(tmp_path / "c")


def test_a_state_that_is_no_json_is_damaged_though_its_sum_is_right(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {})
    (tmp_path / "c" / "state.json").write_bytes(b"{")
    manifest = tmp_path / "c" / "manifest.json"
    document = json.loads(manifest.read_text())
    document["files"]["state.json"] = {"bytes": 1, "sha256": hashlib.sha256(b"{").hexdigest()}
    manifest.write_text(json.dumps(document))
    with pytest.raises(RunError, match=r"state\.json is damaged: it is not valid JSON"):
        read_checkpoint(tmp_path / "c")


def test_what_is_believed_is_what_was_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checkpoint(tmp_path / "c", arrays(), {"epoch": 3})
    read: list[str] = []
    opened = ordinary.open_ordinary
    monkeypatch.setattr(ordinary, "open_ordinary", lambda path, **how: (read.append(path.name), opened(path, **how))[1])
    assert read_checkpoint(tmp_path / "c").state["epoch"] == 3
    assert sorted(read) == ["manifest.json", "model.safetensors", "state.json"], (
        "none is read again after it was checked"
    )
    read.clear()
    assert (state_in(tmp_path / "c") or {})["epoch"] == 3
    assert sorted(read) == ["manifest.json", "state.json"]


def test_only_the_newest_two_training_states_are_kept(run: RunDir) -> None:
    for step in (1, 2, 3, 4):
        save_training_state(run, step, arrays(), {})
    assert run.steps() == [3, 4]
    assert run.pointer("last") == "step-00000004"


def test_a_damaged_newest_state_is_passed_over_named_and_later_removed(run: RunDir) -> None:
    for step in (1, 2):
        save_training_state(run, step, arrays(step), {})
    (run.checkpoints / "step-00000002" / "model.safetensors").write_bytes(b"torn")
    said: list[str] = []
    assert load_training_state(run, said.append).path.name == "step-00000001"
    assert "step-00000002" in said[0]
    (run.checkpoints / "step-00000001" / "state.json").unlink()
    with pytest.raises(RunError, match="no whole training state"):
        load_training_state(run, said.append)
    save_training_state(run, 1, arrays(), {})
    assert run.steps() == [1]


def test_a_state_saved_again_is_never_missing_however_the_writer_dies(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_training_state(run, 5, arrays(1.0), {})
    real, renames = Path.rename, []

    def dying(self: Path, target: Path) -> Path:
        renames.append(target)
        if len(renames) >= 2:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(KeyboardInterrupt):
        save_training_state(run, 5, arrays(2.0), {})
    monkeypatch.undo()
    assert run.steps() == []
    assert load_training_state(run, lambda _: None).tensors["model"]["weight"][0, 0] == 1.0
    assert run.steps() == [5]


def test_a_run_is_trained_by_one_process_at_a_time(run: RunDir) -> None:
    with run.locked(print), pytest.raises(RunError, match="being trained by another process"), run.locked(print):
        pass
    with run.locked(print):
        pass


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_failure_at_any_disk_call_leaves_the_old_state_whole(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    save_training_state(run, 1, arrays(1.0), {})
    for nth in range(1, 30):
        real, count = _count(monkeypatch, call, nth)
        try:
            save_training_state(run, 2, arrays(2.0), {})
        except ResourceError as error:
            assert "No space left" in error.what
        else:
            assert count[0] < nth
            break
        finally:
            monkeypatch.undo()
        del real
        checkpoint = load_training_state(run, lambda _: None)
        assert checkpoint.tensors["model"]["weight"][0, 0] in {1.0, 2.0}
        assert read_checkpoint(run.checkpoints / str(run.pointer("last"))).tensors
    else:
        pytest.fail("the write never succeeded")
    assert nth > 2, "the failure was injected at more than one place"
    assert load_training_state(run, lambda _: None).tensors["model"]["weight"][0, 0] == 2.0
    assert not list(run.checkpoints.glob(".tmp*"))


def _count(monkeypatch: pytest.MonkeyPatch, call: str, nth: int) -> tuple:
    """Let the nth fsync, or the nth renaming of a path, fail as on a full disk."""
    count = [0]
    owner = {"fsync": os, "rename": Path}[call]
    names = {"fsync": ["fsync"], "rename": ["rename", "replace"]}[call]
    for name in names:
        real = getattr(owner, name)

        def failing(*args: object, _real=real):
            count[0] += 1
            if count[0] == nth:
                raise OSError(28, "No space left on device")
            return _real(*args)

        monkeypatch.setattr(owner, name, failing)
    return names, count


def test_the_writer_imports_no_torch() -> None:
    import subprocess
    import sys

    code = "import sys, genmodels.runs.checkpoint; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
