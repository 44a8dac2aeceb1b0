from collections.abc import Callable
from pathlib import Path

import pytest

import genmodels
from genmodels.data.cache import cache_folder
from genmodels.errors import ResourceError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.named_files import save_file
from genmodels.paths import expanded, file_to_write, make_folder, path_of
from genmodels.runs.finding import runs_folder
from genmodels.runs.making import create_run
from genmodels.training.starting import check_new_run

UNKNOWN = "~nobody-of-that-name"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and another folder to stand in."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def test_a_tilde_is_the_home_folder_only_where_a_path_begins(home: Path) -> None:
    assert path_of("~") == home
    assert path_of("~/a/b.txt") == home / "a" / "b.txt"
    assert path_of(Path("~/a")) == home / "a"
    for name in ("a/~", "a~", "-", "", "./a", "/~/x"):
        assert expanded(name) == name


def test_a_user_has_a_home_and_one_who_is_unknown_leaves_the_name_as_it_is() -> None:
    pwd = pytest.importorskip("pwd", reason="POSIX")
    root = pwd.getpwuid(0)
    assert path_of(f"~{root.pw_name}/x") == Path(root.pw_dir) / "x"
    assert expanded(f"{UNKNOWN}/x") == f"{UNKNOWN}/x"
    assert expanded("~$report.txt") == "~$report.txt"


def test_a_file_called_tilde_is_reached_however_often_its_path_is_looked_at(home: Path) -> None:
    for typed in ("./~", "././~"):
        assert path_of(path_of(typed)) == Path.cwd() / "~"
    assert path_of(str(path_of("./~/x"))) == Path.cwd() / "~" / "x"


def test_a_file_called_dash_is_told_from_standard_input() -> None:
    assert path_of("-") == path_of(Path("-")) == Path("-")
    for typed in ("./-", "././-", ".//-"):
        assert path_of(path_of(typed)) == Path.cwd() / "-"


def test_no_folder_is_made_that_is_named_as_an_unknown_user_s_home() -> None:
    with pytest.raises(ResourceError, match="there is no user nobody-of-that-name") as caught:
        make_folder(path_of(f"{UNKNOWN}/figures"))
    assert caught.value.hint is not None
    with pytest.raises(ResourceError):
        save_file(path_of(f"{UNKNOWN}/x.csv"), b"")
    with pytest.raises(ResourceError):
        create_run(path_of(UNKNOWN), "text", {})
    assert list(Path.cwd().iterdir()) == []
    make_folder(path_of(f"./{UNKNOWN}/figures"))  # as the hint says
    assert Path(UNKNOWN, "figures").is_dir()
    make_folder(Path(UNKNOWN) / "more")
    assert Path(UNKNOWN, "more").is_dir()


@pytest.mark.parametrize("make", [
    lambda path: file_to_write("--out", path, "x.csv"),
    lambda path: save_file(path, b""),
    lambda path: make_folder(path.parent),
    lambda path: create_run(path.parent, "text", {}),
    lambda path: check_new_run(path.parent, None),
])  # fmt: skip
@pytest.mark.parametrize("name", ["nosuch/x.csv", "nosuch/dir/x.csv"])
def test_no_folder_is_made_at_the_root_of_a_disk(make: Callable[[Path], object], name: str) -> None:
    root = Path(Path.cwd().anchor)
    with pytest.raises(UsageError, match=r"there is no .*nosuch, and no folder is made at the root") as caught:
        make(root / name)
    assert str(caught.value.hint).endswith(f"mkdir {root / 'nosuch'}")
    assert not (root / "nosuch").exists()


def test_folders_are_made_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file(tmp_path / "new" / "below" / "x.csv", b"")
    monkeypatch.chdir(Path.cwd().anchor)
    assert file_to_write("--out", "nosuch/x.csv", "x.csv") == Path("nosuch/x.csv"), "in the current folder"
    file_to_write("--out", Path.cwd() / "x.csv", "x.csv")  # which needs no folder


@pytest.mark.parametrize(
    ("variable", "value", "below"),
    [("GENMODELS_CACHE", "~/kept", "kept"), ("XDG_CACHE_HOME", "~/xdg", "xdg/genmodels")],
)
def test_the_cache_s_variables_may_begin_with_a_tilde(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, below: str
) -> None:
    monkeypatch.delenv("GENMODELS_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv(variable, value)
    assert cache_folder() == home / below


def test_the_runs_folder_may_begin_with_a_tilde(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs_folder("~/mine") == home / "mine"
    monkeypatch.setenv("GENMODELS_RUNS", "~/theirs")
    assert runs_folder() == home / "theirs"


def test_an_exhibit_is_saved_in_the_home_folder_and_says_where(home: Path) -> None:
    exhibit = Exhibit("facts", "facts", {"a": 1})
    assert exhibit.save("~/a.json") == home / "a.json"
    assert (home / "a.json").exists()
    exhibit.save("./~/a.json")
    assert Path("./~/a.json").exists()


def test_a_program_may_name_runs_texts_and_settings_in_its_home_folder(home: Path) -> None:
    (home / "book.txt").write_text("the cat sat on the mat. " * 60, encoding="utf-8")
    (home / "small.toml").write_text("hidden_size = 8\nembedding_size = 4\nepochs = 1\nbatch_size = 2\nwindow = 16")
    run = genmodels.train_text("~/book.txt", config="~/small.toml", runs="~/runs", name="tilde", progress=False)
    assert run.path == home / "runs" / "tilde"
    for named in (genmodels.open_run("~/runs/tilde"), genmodels.open_run("tilde", runs="~/runs")):
        assert named.path == run.path
    assert genmodels.find_run(Path("~/runs"), "tilde").path == run.path
    assert [found.path for found in genmodels.list_runs("~/runs")] == [run.path]
    assert genmodels.resume("~/runs/tilde", corpus="~/book.txt", progress=False).path == run.path
    assert list(Path.cwd().iterdir()) == []
