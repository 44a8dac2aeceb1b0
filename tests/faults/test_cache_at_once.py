"""Processes that fill, look through, sweep and remove one cache at once while another trains on what is in it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="there no file goes that is being read"),
]
TRAIN = (
    "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4", "--window", "16", "--epochs", "4",
    "--sample-length", "20",
)  # fmt: skip
MEDDLER = """
import os, random, shutil, sys
from pathlib import Path
import numpy as np
from genmodels.data.cache import cache_folder
from genmodels.data.images.opening import open_images
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.leftovers import sweep_temporaries

chance, corpus, images, end = random.Random(int(sys.argv[1])), sys.argv[2], sys.argv[3], Path(sys.argv[4])
text, pixels, said = Path(corpus).read_text(), np.load(images)["x_train"], []


def under(folder, depth):
    try:
        found = [folder / name for name in os.listdir(folder)]
    except OSError:
        return []
    return found if depth == 1 else [path for one in found for path in under(one, depth - 1)]


done = {"fill": 0, "remove": 0, "sweep": 0, "damage": 0}
while not end.exists() or min(done.values()) < 3:
    deed = chance.choice(["fill"] * 4 + ["remove", "sweep", "damage"])
    done[deed] += 1
    if deed == "fill":
        found = open_corpus([corpus], HowRead(), said.append)
        assert found.text(0, found.length) == text, "another text"
        found = open_images(images, said.append)
        assert np.array_equal(found.train.pixels, pixels) and found.classes == ("0", "1"), "other images"
    elif deed == "remove":
        shutil.rmtree(chance.choice([cache_folder(), *under(cache_folder(), 2)]), ignore_errors=True)
    elif deed == "sweep":
        for folder in under(cache_folder(), 1):
            try:
                sweep_temporaries(folder, 0.2)
            except FileNotFoundError:
                pass  # another one did it
    else:
        files = [file for file in under(cache_folder(), 3) if not file.parent.name.startswith(".")]
        try:
            file = chance.choice(files)
            data = bytearray(file.read_bytes())
            data[chance.randrange(len(data))] ^= 1
            other = file.with_name("x" + str(chance.random()))
            other.write_bytes(data)
            other.replace(file)
        except (OSError, IndexError, ValueError):
            pass  # another one removed it, or there is none
print(done)
"""


def weights(run: Path) -> dict[str, bytes]:
    return {f"{p.parent.name}/{p.name}": p.read_bytes() for p in sorted(run.rglob("*.safetensors"))}


def started(folder: Path, *command: str) -> subprocess.Popen[str]:
    environment = os.environ | {"GENMODELS_CACHE": str(folder / "cache"), "TMPDIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.sweep
def test_a_cache_that_others_fill_damage_and_remove_changes_no_result(tmp_path: Path, corpus_file: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 6, 5), dtype=np.uint8)
    np.savez(
        tmp_path / "set.npz", x_train=pixels, y_train=np.arange(40) % 2, x_test=pixels[:8], y_test=np.arange(8) % 2
    )
    train = ("-m", "genmodels", "train-text", str(corpus_file), *TRAIN, "--name")
    alone = started(tmp_path, *train, "alone")
    said = alone.communicate()
    assert alone.returncode == 0, said
    end = tmp_path / "end"
    meddlers = [
        started(tmp_path, "-c", MEDDLER, seed, str(corpus_file), str(tmp_path / "set.npz"), str(end)) for seed in "12"
    ]
    training = started(tmp_path, *train, "beside")
    said = training.communicate()
    assert training.returncode == 0, said
    assert weights(tmp_path / "runs" / "beside") == weights(tmp_path / "runs" / "alone")
    end.touch()
    for meddler in meddlers:
        out, err = meddler.communicate()
        assert meddler.returncode == 0, err[-3000:]
        assert out.startswith("{'fill':")
