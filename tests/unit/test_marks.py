"""A file says itself that this program wrote it: with no cache, and after a kill at any moment."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from faults.shim import Died, Disk, on, works_here
from genmodels.errors import UsageError
from genmodels.figures.saving import rendered
from genmodels.marks import FORMS, WORD, is_marked, marked
from genmodels.named_files import check_free, is_ours, save_file


def _figure(kind: str) -> bytes:
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    return rendered(figure, kind)


def _gif() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("L", (4, 4), shade) for shade in (0, 255)]
    frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:], comment=b"genmodels")
    return file.getvalue()


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, images=np.arange(5))
    return file.getvalue()


def _onnx() -> bytes:
    onnx = pytest.importorskip("onnx")
    graph = onnx.helper.make_graph([], "g", [], [])
    data: bytes = onnx.helper.make_model(graph).SerializeToString()
    return data


def _pixels(data: bytes) -> object:
    with Image.open(io.BytesIO(data)) as picture:
        return [(picture.seek(frame), picture.tobytes())[1] for frame in range(getattr(picture, "n_frames", 1))]


def _entries(data: bytes) -> object:
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model)
    return model.graph.name, [entry.key for entry in model.metadata_props if entry.key != "mark"]


def _arrays(data: bytes) -> object:
    return np.load(io.BytesIO(data))["images"].tolist()


def _elements(data: bytes) -> object:
    from xml.etree import ElementTree

    return [element.tag for element in ElementTree.fromstring(data).iter()]


MADE: dict[str, tuple[Callable[[], bytes], Callable[[bytes], object]]] = {
    ".png": (lambda: _figure("png"), _pixels),
    ".gif": (_gif, _pixels),
    ".svg": (lambda: _figure("svg"), _elements),
    ".pdf": (lambda: _figure("pdf"), lambda data: data.partition(b"%%EOF")[0]),
    ".html": (
        lambda: b"<!DOCTYPE html>\n<html><p>x</p></html>",
        lambda data: data.partition(b"<!--")[0].removesuffix(b"</html>"),
    ),
    ".npz": (_npz, _arrays),
    ".onnx": (_onnx, _entries),
}


@pytest.mark.parametrize("ending", MADE)
def test_a_marked_file_is_read_as_before_and_known_with_no_cache(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, read = MADE[ending]
    plain, out = make(), tmp_path / f"out{ending}"
    save_file(out, plain)
    written = out.read_bytes()
    assert WORD in written
    assert read(written) == read(plain)
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cleared"))
    check_free(out)
    save_file(out, plain)
    assert out.read_bytes() == written


@pytest.mark.parametrize("ending", MADE)
def test_a_file_that_was_changed_or_kept_under_another_name_is_the_users(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, plain = tmp_path / f"out{ending}", MADE[ending][0]()
    save_file(out, plain)
    written = out.read_bytes()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cleared"))
    out.rename(kept := tmp_path / f"kept{ending}")
    places = np.linspace(0, len(written) - 1, 40).astype(int)
    changed = [written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :] for at in places]
    for content in (plain, written[:-1], written + b"x", written + written, b"", *changed):
        out.write_bytes(content)
        assert not is_marked(out)
        with pytest.raises(UsageError, match="is not known to be"):
            save_file(out, plain)
        assert out.read_bytes() == content
    with pytest.raises(UsageError):
        check_free(kept)


def test_every_form_was_tried() -> None:
    assert FORMS.keys() == {*MADE, ".htm"}


def test_what_only_ends_so_gets_no_mark() -> None:
    for name in ("text.html", "text.svg", "text.png", "text.csv", "text"):
        assert marked(name, b"a text\n") == b"a text\n"


@pytest.mark.skipif(not works_here(), reason="descriptors are followed by /proc")
@pytest.mark.parametrize("name", ["out.csv", "out.png"])
def test_after_a_kill_at_any_moment_the_file_is_known(tmp_path: Path, name: str) -> None:
    first, second, third = (b"one", b"two!", b"three")
    for at in range(1, 100):
        out = tmp_path / f"{at}-{name}"
        save_file(out, first)
        try:
            with on(Disk(tmp_path, at)) as disk:
                save_file(out, second)
        except Died:
            assert out.read_bytes() in {first, second}
            assert is_ours(out)
            save_file(out, third)
        else:
            assert disk.count >= 8
            return
    pytest.fail("it never ended")


def test_what_has_a_mark_needs_no_note_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    monkeypatch.setattr("genmodels.named_files.remember", lambda place, _: noted.append(place.name))
    save_file(tmp_path / "a.png", _figure("png"))
    save_file(tmp_path / "a.csv", b"a,b\n")
    assert noted == ["a.csv"]
    assert is_ours(tmp_path / "a.png")
