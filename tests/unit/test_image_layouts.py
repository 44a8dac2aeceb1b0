"""Folders as people have them: parts, classes, leftovers, links, and what can't be told."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.data.images.files import find_images
from genmodels.data.images.opening import open_images
from genmodels.errors import DataError

PIXELS = (np.arange(60 * 6 * 6, dtype=np.uint64) * 31 % 256).reshape(60, 6, 6).astype(np.uint8)


def put(root: Path, *names: str, first: int = 0) -> Path:
    """Pictures of different content under these names; a name may be repeated as "a/*12"."""
    number = first
    for name in names:
        stem, _, count = name.partition("*")
        for index in range(int(count or 1)):
            file = root / (f"{stem}{index:02d}.png" if count else stem)
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(PIXELS[number % 60]).save(file, format="PNG")
            number += 1
    return root


def guesses(root: Path) -> list[str]:
    """Those of the layout, then those of reading."""
    found = find_images(root)
    return [*found.guesses, *found.read(None, False).guesses]


def counts(root: Path) -> tuple[int, int | None, tuple[str, ...] | None]:
    parts = find_images(root).read(None, False)
    return len(parts.train.pixels), None if parts.test is None else len(parts.test.pixels), parts.classes


PART_NAMES = [
    ("train", "test"), ("training", "testing"), ("Train", "Test"), ("TRAIN", "val"), ("train", "valid"),
    ("Training", "Validation"), ("train", "dev"), ("train", "eval"), ("train", "evaluation"),
    ("train_images", "test_images"), ("trainset", "testset"), ("training data", "validation-data"),
]  # fmt: skip


@pytest.mark.parametrize(("train", "test"), PART_NAMES)
def test_parts_are_known_by_their_names_in_any_case(tmp_path: Path, train: str, test: str) -> None:
    put(tmp_path, f"{train}/a/*4", f"{train}/b/*3", f"{test}/a/*2", f"{test}/b/*1")
    assert counts(tmp_path) == (7, 3, ("a", "b"))


def test_a_validation_part_beside_a_test_part_is_named_as_unused(tmp_path: Path) -> None:
    put(tmp_path, "train/*5", "val/*2", "test/*3")
    found = find_images(tmp_path)
    assert counts(tmp_path) == (5, 3, None)
    assert found.passed_over == {"val": "not needed: --val-images holds images out of the training part"}


def test_a_validation_part_is_tested_on_where_there_is_no_other_and_that_is_told(tmp_path: Path) -> None:
    put(tmp_path, "train/*5", "valid/*2")
    assert guesses(tmp_path) == ["tests on valid/, as there is no test/"]


def test_a_flat_test_folder_beside_class_folders_makes_the_classes_go_and_says_so(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*3", "test/*2")
    assert counts(tmp_path) == (6, 2, None)
    assert guesses(tmp_path) == [
        "test/ is taken as the test part",
        "the pictures of test/ lie in no class folders: images are taken without their classes",
    ]


@pytest.mark.parametrize("name", ["dev", "Eval", "val", "testing", "test_images"])
def test_a_part_is_one_beside_class_folders_and_beside_loose_pictures(tmp_path: Path, name: str) -> None:
    put(tmp_path / "classes", "a/*3", "b/*3", f"{name}/a/*1", f"{name}/b/*1")
    assert counts(tmp_path / "classes") == (6, 2, ("a", "b"))
    put(tmp_path / "loose", "*5", f"{name}/*2")
    assert counts(tmp_path / "loose") == (5, 2, None)


def test_an_empty_folder_is_named_and_too_few_pictures_name_those_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "train/*10", "*30")
    (tmp_path / "train" / "nothing").mkdir()
    with pytest.raises(DataError) as caught:
        open_images(str(tmp_path), lambda _: None)
    what = "too few to train on: 10 images; passed over: 00.png and 29 others (beside train/), "
    assert caught.value.what == what + "train/nothing (empty)"


def test_one_loose_picture_makes_the_classes_go_and_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*3", "stray.png")
    parts = find_images(tmp_path).read(None, False)
    assert (len(parts.train.pixels), parts.classes) == (7, None)
    assert parts.guesses == ("stray.png in no class folder: images are taken without their classes",)


def test_classes_called_as_parts_may_be_are_classes_where_nothing_is_called_train(tmp_path: Path) -> None:
    put(tmp_path / "one", "dev/*3", "ops/*3")
    put(tmp_path / "two", "valid/*3", "invalid/*3")
    assert counts(tmp_path / "one") == (6, None, ("dev", "ops"))
    assert counts(tmp_path / "two") == (6, None, ("invalid", "valid"))


NESTINGS = [
    ("folders in class folders", ["a/x/*2", "a/y/*2", "b/x/*2"], "a/x, a/y, b/x"),
    ("parts within classes", ["a/train/*2", "a/test/*2", "b/train/*2"], "a/test, a/train, b/train"),
    ("folders beside the parts", ["train/*3", "test/*2", "extra/*2"], "extra/ beside test/, train/"),
    ("two training parts", ["train/*3", "Training/*3"], "Training/ and train/, which both name the train part"),
    ("no training part", ["test/*3", "val/*3"], "test/, val/ but no training part"),
    ("dev and test alone", ["test/*3", "dev/*3"], "dev/, test/ but no training part"),
]


@pytest.mark.parametrize(("names", "seen"), [n[1:] for n in NESTINGS], ids=[n[0] for n in NESTINGS])
def test_a_nesting_that_is_not_known_is_refused_with_what_was_seen(tmp_path: Path, names: list[str], seen: str) -> None:
    put(tmp_path, *names)
    with pytest.raises(DataError) as caught:
        find_images(tmp_path)
    assert seen in caught.value.what
    assert caught.value.hint


def test_a_folder_in_a_folder_is_what_an_archive_unpacks_to(tmp_path: Path) -> None:
    put(tmp_path / "set", "set/train/a/*3", "set/train/b/*2", "set/test/a/*1", "set/test/b/*1")
    put(tmp_path / "set", "set/loose.png", "__MACOSX/a.png")
    (tmp_path / "set" / "LICENSE").write_text("free")
    found = find_images(tmp_path / "set")
    parts = found.read(None, False)
    assert found.passed_over == {
        "__MACOSX": "left behind by a program", "LICENSE": "no picture", "set/loose.png": "beside train/",
    }  # fmt: skip
    assert (len(parts.train.pixels), parts.classes) == (5, ("a", "b"))
    assert found.guesses == [f"took {tmp_path}/set/set, the one folder in {tmp_path}/set"]


def test_what_programs_leave_behind_is_no_data_and_is_named(tmp_path: Path) -> None:
    leftovers = [".ipynb_checkpoints/1.png", ".DS_Store/x.png", "__MACOSX/a/2.png", "@eaDir/3.png", "a/@eaDir/t.png"]
    put(tmp_path, "a/*3", "b/*2", *leftovers, "b/.hidden.png")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "notes.txt").write_text("hello")
    found = find_images(tmp_path)
    assert counts(tmp_path) == (5, None, ("a", "b"))
    assert found.passed_over == {
        ".DS_Store": "hidden", ".ipynb_checkpoints": "hidden", "b/.hidden.png": "hidden",
        "@eaDir": "left behind by a program", "__MACOSX": "left behind by a program",
        "a/@eaDir": "left behind by a program", "a/Thumbs.db": "left behind by a program", "notes.txt": "no picture",
    }  # fmt: skip


def test_runs_are_no_data(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*2", "runs/vae/figures/reconstruct.png", "a/vae-2/samples/epoch-0001.png")
    for run in (tmp_path / "runs" / "vae", tmp_path / "a" / "vae-2"):
        (run / "run.json").write_text("{}")
    assert counts(tmp_path) == (5, None, ("a", "b"))
    assert find_images(tmp_path).passed_over == {"a/vae-2": "a run", "runs/vae": "a run"}


def test_a_run_is_no_image_set_and_neither_is_a_pipe(tmp_path: Path) -> None:
    put(tmp_path / "run", "samples/epoch-0001.png")
    (tmp_path / "run" / "run.json").write_text("{}")
    with pytest.raises(DataError, match="run is a run, not an image set"):
        find_images(tmp_path / "run")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is no ordinary file"):
        find_images(tmp_path / "pipe")


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "*4")
    put(tmp_path / "set", "a/*3")
    (tmp_path / "set" / "b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "c").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "a" / "up").symlink_to(tmp_path / "set")
    found = find_images(tmp_path / "set")
    assert counts(tmp_path / "set") == (7, None, ("a", "b"))
    assert found.passed_over == dict.fromkeys(["a/up", "c"], "given twice")


def test_a_linked_picture_counts_once_and_no_class_is_named_by_a_link(tmp_path: Path) -> None:
    put(tmp_path, "z0/*3", "z1/*3")
    (tmp_path / "alias").symlink_to(tmp_path / "z0")
    (tmp_path / "z1" / "again.png").symlink_to(tmp_path / "z0" / "00.png")
    os.link(tmp_path / "z1" / "00.png", tmp_path / "z1" / "hard.png")
    assert counts(tmp_path) == (6, None, ("z0", "z1"))
    assert find_images(tmp_path).passed_over == dict.fromkeys(["z1/hard.png", "alias", "z1/again.png"], "given twice")


def test_a_link_to_nothing_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*3")
    (tmp_path / "b" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match=r"b/gone\.png is a link to nothing"):
        find_images(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*3")
    (tmp_path / "b").chmod(0)
    try:
        with pytest.raises(DataError, match=r"the folder .*/b cannot be read"):
            find_images(tmp_path)
    finally:
        (tmp_path / "b").chmod(0o755)


def test_a_folder_that_the_system_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a/*3", "b/*3")
    real = Path.iterdir

    def refused(folder: Path) -> object:
        if folder.name == "b":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(DataError, match=r"the folder .*/b cannot be read: Permission denied"):
        find_images(tmp_path)


def test_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a/*3", "b/*3")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    assert find_images(tmp_path).passed_over == {"a/pipe.png": "no ordinary file"}


def test_a_picture_that_is_none_stops_only_what_would_use_it(tmp_path: Path) -> None:
    put(tmp_path, "train/*3", "test/*3", "val/*3")
    (tmp_path / "val" / "empty.png").touch()
    (tmp_path / "beside.png").write_text("hello")
    assert find_images(tmp_path).passed_over["beside.png"] == "beside train/"
    (tmp_path / "train" / "empty.png").touch()
    with pytest.raises(DataError, match=r"train/empty\.png is not a picture"):
        find_images(tmp_path)


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_the_one_npz_in_a_folder_is_taken_and_what_lies_beside_it_named(tmp_path: Path) -> None:
    (tmp_path / "set.npz").write_bytes(npz(images=PIXELS))
    (tmp_path / "readme.md").write_text("hello")
    found = find_images(tmp_path)
    assert np.array_equal(found.read(None, False).train.pixels, PIXELS)
    assert found.guesses == [f"took {tmp_path / 'set.npz'}"]
    assert found.passed_over == {"readme.md": "beside set.npz"}
    (tmp_path / "other.npz").write_bytes(npz(images=PIXELS))
    with pytest.raises(DataError, match=r"2 image sets: .*other\.npz, .*set\.npz"):
        find_images(tmp_path)


def test_an_npz_deep_in_a_folder_is_found_and_all_that_lies_beside_it_is_named(tmp_path: Path) -> None:
    put(tmp_path, "sub/preview.png")
    (tmp_path / "sub" / "a.npz").write_bytes(npz(images=PIXELS))
    (tmp_path / "notes.txt").write_text("hello")
    found = find_images(tmp_path)
    assert found.guesses == [f"took {tmp_path / 'sub' / 'a.npz'}, the one image set in {tmp_path}"]
    assert found.passed_over == dict.fromkeys(["notes.txt", "sub/preview.png"], "beside a.npz")


def test_the_same_content_elsewhere_goes_by_its_own_name(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.npz").write_bytes(npz(images=PIXELS))
        images = open_images(str(tmp_path / name), lambda _: None)
        assert images.taken is not None
        assert images.name == name
        assert (images.taken.what[: len(name)], images.taken.guesses) == (
            name, [f"took {tmp_path / name / (name + '.npz')}"],
        )  # fmt: skip


def test_an_npz_among_pictures_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "*20")
    (tmp_path / "features.npz").write_bytes(npz(images=PIXELS))
    assert find_images(tmp_path).passed_over == {"features.npz": "no picture that is read here: a zip archive"}


def test_a_zip_of_pictures_is_told_from_an_image_set(tmp_path: Path) -> None:
    import zipfile

    put(tmp_path / "p", "a/*3")
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for file in sorted((tmp_path / "p").rglob("*.png")):
            archive.write(file, str(file.relative_to(tmp_path / "p")))
    with pytest.raises(DataError, match=r"zip archive of 3 files, such as a/00\.png") as caught:
        find_images(tmp_path / "p.zip").read(None, False)
    assert caught.value.hint == "unpack it and give the folder."
    (tmp_path / "p").rename(tmp_path / "unpacked")
    (tmp_path / "folder").mkdir()
    (tmp_path / "p.zip").rename(tmp_path / "folder" / "p.zip")
    with pytest.raises(DataError, match=r"it holds p\.zip, which is a zip archive"):
        find_images(tmp_path / "folder")


def test_the_first_line_says_what_was_taken_and_what_was_not(tmp_path: Path) -> None:
    put(tmp_path / "set", "a/*20", "b/*20")
    for name in ("notes.txt", "more.txt", "z.md"):
        (tmp_path / "set" / name).write_text("hello")
    (tmp_path / "set" / "p.pdf").write_bytes(b"%PDF-1.4")
    images = open_images(str(tmp_path / "set"), lambda _: None)
    assert images.taken is not None
    assert images.taken.told() == (
        "set: 40 pictures of 6x6, 4 of them held out to test on, in 2 classes (a, b), without a dark or light ground; "
        "passed over: more.txt and 2 others (no picture), p.pdf (no picture that is read here: a PDF)"
    )


def test_a_known_name_beside_a_folder_of_that_name_says_which_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genmodels.data.images import opening

    real = opening.render_digits
    monkeypatch.setattr(opening, "render_digits", lambda: real(60, 20))
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "digits", "a/*20", "b/*20")
    said: list[str] = []
    assert open_images("digits", said.append).name == "rendered digits"
    assert said[0] == "--dataset digits means the built-in rendered digits; --dataset ./digits means what lies here"
    assert len(open_images("./digits", said.append).train.pixels) == 36


def test_figures_and_animations_of_this_program_are_no_data(tmp_path: Path) -> None:
    from genmodels.figures.grid import tile_figure
    from genmodels.figures.saving import save_animation, save_figure

    tmp_path /= "set"  # beside the cache
    put(tmp_path, "a/*3", "b/*3")
    figures = [tile_figure(PIXELS[:4] / np.float32(255), 2, f"epoch {epoch}") for epoch in (1, 2)]
    save_figure(figures[0], tmp_path / "a" / "figure.png")
    save_animation(figures, tmp_path / "b" / "moving.gif")
    assert counts(tmp_path) == (6, None, ("a", "b"))
    assert find_images(tmp_path).passed_over == dict.fromkeys(
        ["a/figure.png", "b/moving.gif"], "a figure of this program"
    )
