"""Fixtures that every test may use: a cache of its own, the real data, the command line, homes with trained runs."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

# Tiny models gain nothing from a second thread, and threads that wait for each other slow a busy machine down.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Many tests start the program: without compiled files each of them would compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest
from hypothesis import settings

from doors import Cli, Outcome, run
from homes import CORPUS, HOMES, TINY_TEXT

pytest.register_assert_rewrite("cli.hints", "cli.mistakes", "contract.helpers")
settings.register_profile("untimed", deadline=None)  # an example is slow on a busy machine, and no less right
settings.load_profile("untimed")
SHARED = Path(os.environ.get("GENMODELS_TEST_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))


@pytest.fixture
def cache_folder(tmp_path: Path) -> Path:
    """Every test has a cache folder of its own."""
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def own_cache(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has its cache folder, and the runs folder of nobody else."""
    monkeypatch.setenv("GENMODELS_CACHE", str(cache_folder))
    monkeypatch.delenv("GENMODELS_RUNS", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return cache_folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not SHARED.is_dir():
        missing = pytest.mark.skip(reason=f"the shared data folder {SHARED} is missing (GENMODELS_TEST_DATA)")
        for item in items:
            if item.get_closest_marker("real_data"):
                item.add_marker(missing)


@pytest.fixture
def tiny_shakespeare() -> str:
    """The corpus of char-rnn and nanoGPT."""
    return (SHARED / "text" / "tinyshakespeare.txt").read_text(encoding="utf-8")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process, in a folder of its own, as the entry point would."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's kernel runs the test; its shell is made from IPython's own, as Colab's is."""
    shell = type("Shell", (type("ZMQInteractiveShell", (), {}),), {})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=shell))


HomeOf = Callable[[str], Path]


@pytest.fixture(scope="session")
def home_of(tmp_path_factory: pytest.TempPathFactory) -> HomeOf:
    """A folder of its own with the data and the trained runs that `homes.HOMES` has under a name.

    Each is made once a session; whoever asks gets a copy, which may be changed.
    """
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp("home")
        HOMES[name].fill(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
            patch.chdir(folder)
            for training in HOMES[name].trainings:
                assert run([*training, "-q"]) == 0, training
        return folder

    def copy(name: str) -> Path:
        if name not in made:
            made[name] = make(name)
        return shutil.copytree(made[name], tmp_path_factory.mktemp("home"), dirs_exist_ok=True)

    return copy


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, home_of: HomeOf) -> Path:
    """The home that a test file names as its HOME, for that file alone."""
    return home_of(request.module.HOME)


@pytest.fixture
def at_home(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, in the file's home."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    monkeypatch.chdir(home)
    return cli


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    """A small text that a small model can learn."""
    path = tmp_path / "corpus.txt"
    path.write_text(CORPUS, encoding="utf-8")
    return path


@pytest.fixture
def trained(cli: Cli, corpus_file: Path, tmp_path: Path) -> Path:
    """A tiny finished run, runs/tiny."""
    outcome = cli("train-text", corpus_file, *TINY_TEXT, "--name", "tiny")
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "tiny"
