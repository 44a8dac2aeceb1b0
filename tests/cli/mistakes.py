"""Every mistake a command answers: its exit code and a sentence that names the value.

A new mistake is a row here; `homes.HOMES` has the folder that it is made in.
"""

import shlex
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mistake:
    """A command line that is refused.

    Args:
        home: the folder it is typed in.
        what: the mistake, in words.
        line: what is typed.
        code: the exit code.
        fragment: part of what is answered.
    """

    home: str
    what: str
    line: str
    code: int
    fragment: str

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.line)

    def __str__(self) -> str:
        return f"{self.home}: {self.what}"


def check(outcome: Any, code: int, fragment: str) -> None:
    """Two lines, an error that says it and a hint; nothing else but notes, nothing on stdout."""
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "\x1b" not in outcome.err
    assert outcome.err.endswith("\n")
    told = [line for line in outcome.err.splitlines() if not line.startswith("note: ")]
    assert [line.partition(": ")[0] for line in told] == ["error", "hint"], outcome.err
    assert fragment in "\n".join(told), outcome.err
    assert all(line.partition(": ")[2].strip() for line in told), outcome.err


_ROWS: dict[str, list[tuple[str, str, int, str]]] = {
    "text": [
        ("a missing file", "train-text missing.txt", 3, "there is no file missing.txt"),
        ("a folder without matches", "train-text empty", 3, "no file in empty matches '*.txt'"),
        ("an empty corpus", "train-text empty.txt", 3, "is empty"),
        ("a tiny corpus", "train-text tiny.txt", 3, "the corpus has 12 characters, too few"),
        ("a binary file", "train-text binary.png", 3, "looks binary"),
        ("a wrong encoding", "train-text latin.txt", 3, "byte 0xe9 at offset 3"),
        ("the wrong wide encoding", "train-text corpus.txt --encoding utf-16", 3, "is not utf-16"),
        ("an encoding that is none", "train-text corpus.txt --encoding rot13", 3, "no encoding 'rot13'"),
        ("a config of the wrong type", "train-text corpus.txt --config typed.toml", 2, "'minutes' is '3'"),
        ("a network of one unit", "train-text corpus.txt --hidden-size 1", 2, "--hidden-size is 1"),
        ("no such encoding", "train-text corpus.txt --encoding utf-9000", 3, "no encoding 'utf-9000'"),
        ("a vocabulary over the limit", "train-text corpus.txt --max-vocabulary 5", 3, "more than 5"),
        ("a typo in a model", "train-text corpus.txt --model lsmt", 2, "did you mean lstm?"),
        ("a typo in an option", "train-text corpus.txt --hiden-size 9", 2, "did you mean --hidden-size?"),
        ("a typo in a command", "trian-text", 2, "Did you mean 'train-text'"),
        ("a typo in a subcommand", "runs lst", 2, "Did you mean 'list'?"),
        ("a word for a number", "train-text corpus.txt --epochs many", 2, "'many' is not a whole number"),
        ("no epochs", "train-text corpus.txt --epochs 0", 2, "--epochs is 0"),
        ("no minutes", "train-text corpus.txt --minutes 0", 2, "--minutes is 0"),
        ("dropout of one", "train-text corpus.txt --dropout 1", 2, "--dropout is 1.0"),
        ("a learning rate of nan", "train-text corpus.txt --learning-rate nan", 2, "not a finite number"),
        ("an empty seed phrase", "train-text corpus.txt --sample-prompt ''", 2, "--sample-prompt is empty"),
        ("an unknown seed phrase", "train-text corpus.txt --sample-prompt Ω", 3, "'Ω' in --sample-prompt"),
        ("two lengths", "train-text corpus.txt --epochs 1 --minutes 1", 2, "contradict each other"),
        ("a pattern that leaves the folder", "train-text . --glob '/x/*.txt'", 3, "no pattern within a folder"),
        ("a name that is taken", "train-text corpus.txt --name empty --runs .", 2, "exists already"),
        ("a reserved name", "train-text corpus.txt --name last", 2, "is reserved"),
        ("a name that looks like a flag", "train-text corpus.txt --name -x", 2, "cannot name a run"),
        ("an empty reference", "train-text --resume ''", 2, "name is empty"),
        ("a config that is another JSON", "train-text corpus.txt --config list.json", 2, "not a run.json"),
        ("a config with a typo", "train-text corpus.txt --config typo.toml", 2, "--config typo.toml: there is"),
        ("a model in capitals", "train-text corpus.txt --model LSTM", 2, "did you mean lstm?"),
        ("the last of two values", "train-text corpus.txt --epochs 1 --epochs x", 2, "'x' is not a"),
        ("not a device", "train-text corpus.txt --device gpu", 2, "'gpu' is not a device"),
        ("half precision on a CPU", "train-text corpus.txt --device cpu --precision bf16", 2, "CUDA only"),
        ("a name with a slash", "train-text corpus.txt --name a/b", 2, "cannot name a run"),
        ("a runs folder that is a file", "train-text corpus.txt --runs tiny.txt", 5, "cannot write"),
        ("a config that is missing", "train-text corpus.txt --config none.toml", 2, "cannot be read"),
        ("a config that is no TOML", "train-text corpus.txt --config corpus.txt", 2, "neither TOML"),
        ("nothing to resume", "train-text --resume last", 4, "there is no text run in runs"),
        ("resuming what is no run", "train-text --resume empty", 4, "is not a run directory"),
        ("starting from what is no run", "train-text corpus.txt --init-from nothing", 4, "no run nothing"),
        ("a name that Windows takes for a device", "train-text missing.txt --name con", 2, "on Windows it is a device"),
        ("a device's name with an ending", "train-text missing.txt --name Nul.txt", 2, "on Windows it is a device"),
        ("a name that ends in a dot", "train-text missing.txt --name x.", 2, "ends in a dot"),
        ("a name that ends in a blank", "train-text missing.txt --name 'x '", 2, "cannot name a run"),
        ("a name over 200 bytes", f"train-text missing.txt --name {'é' * 101}", 2, "than 200 bytes: it has 202"),
        ("a device for a comparison", "train-text missing.txt --compare rnn,gru --name aux", 2, "is a device"),
        ("a comparison that ends in a dot", "train-text missing.txt --compare rnn,gru --name x.", 2, "ends in a dot"),
        ("a comparison without a name", "train-text missing.txt --compare rnn,gru --name ''", 2, "cannot name a run"),
        ("a comparison whose runs' names are too long",
         f"train-text missing.txt --compare rnn,feedforward --name {'x' * 190}", 2, "than 200 bytes: it has 202"),
        ("images under a device's name", "train-vae --dataset missing.npz --name LPT1.a.b", 2, "it is a device"),
        ("sampling without a run", "sample-text", 4, "genmodels train-text makes one"),
        ("sizes that cannot be equal", "train-text corpus.txt --hidden-size 2 --embedding-size 64 --context 16 "
         "--compare lstm,feedforward -q", 2, "parameters can be made"),
        ("a config whose typo has a neighbour", "train-text corpus.txt --config typo.toml", 2,
         "did you mean hidden_size"),
    ],
    "trained text": [
        ("unknown characters in a prompt", "sample-text --prompt 'Ω the'", 3, "'Ω' in the prompt is not in the voc"),
        ("an escape sequence in a prompt", "sample-text --prompt '\x1b[2J'", 3, r"'\x1b'"),
        ("an empty prompt", "sample-text --prompt ''", 3, "the prompt is empty"),
        ("two prompts", "sample-text --prompt a --prompt-file corpus.txt", 2, "contradict"),
        ("a prompt file that is missing", "sample-text --prompt-file none", 3, "cannot be read"),
        ("a prompt file that is not UTF-8", "sample-text --prompt-file latin.txt", 3, "not UTF-8 at byte 3"),
        ("a temperature below 0", "sample-text --temp -1", 2, "--temp is -1.0"),
        ("a temperature of nan", "sample-text --temp nan", 2, "--temp is nan"),
        ("a temperature of inf", "sample-text --temp 0.5,inf", 2, "--temp is inf"),
        ("a temperature that is a word", "sample-text --temp hot", 2, "'hot' is not a list of numbers"),
        ("an epoch that was not kept", "sample-text --epochs 7", 4, "kept are: 1-2."),
        ("epochs that are words", "sample-text --epochs first", 2, "'first' is not an epoch"),
        ("too many epochs", "sample-text --epochs 1-20000", 2, "more than 10,000 epochs"),
        ("epochs backwards", "sample-text --epochs 5-1", 2, "'5-1' is not an epoch"),
        ("more than memory", "sample-text --length 100000000 --count 9", 2, "900,000,000 characters in all"),
        ("a folder to score", "eval-text empty", 3, "no file in empty"),
        ("no length", "sample-text --length 0", 2, "--length is 0"),
        ("a top-p of two", "sample-text --top-p 2", 2, "--top-p is 2.0"),
        ("an empty stop string", "sample-text --stop ''", 2, "--stop is empty"),
        ("a policy that is not known", "sample-text --unknown drop", 2, "--unknown 'drop'"),
        ("a run that is misspelt", "sample-text --run tinny", 4, "did you mean tiny?"),
        ("an output that cannot be written", "sample-text --out none/x.txt", 5, "cannot write"),
        ("a protocol that is not known", "eval-text --protocol all", 2, "--protocol 'all'"),
        ("a text that is missing", "eval-text none.txt", 3, "there is no file none.txt"),
        ("a text of one character", "eval-text one.txt", 3, "1 characters"),
        ("showing what is no run", "runs show none", 4, "there is no run none"),
        ("a length too short to judge", "judge-text --length 50", 2, "--length"),
        ("a temperature of nan to judge", "judge-text --temp nan", 2, "--temp is nan"),
        ("a temperature that is a word to judge", "judge-text --temp warm", 2, "'warm' is not a list of numbers"),
        ("a file to judge that is missing", "judge-text none.txt", 3, "there is no file none.txt"),
        ("a file to judge that is empty", "judge-text empty.txt", 3, "is empty"),
        ("a file to judge that is tiny", "judge-text tiny.txt", 3, "tiny.txt has 12 characters, too few to judge"),
        ("a file to judge in unknown characters", "judge-text greek.txt", 3, "not in the vocabulary"),
        ("an epoch to judge that was not kept", "judge-text --epochs 9", 4, "kept are: 1-2."),
        ("a run to judge that is none", "judge-text --run none", 4, "there is no run none"),
        ("a policy for unknown characters that is none", "judge-text --unknown drop", 2, "--unknown 'drop'"),
        ("an empty text to judge", "sample-text --judge --stop t --count 9", 3, "an empty text can't be judged"),
        ("one model to compare", "train-text corpus.txt --compare rnn", 2, "does not name two or more"),
        ("one model twice", "train-text corpus.txt --compare rnn,rnn", 2, "does not name two or more"),
        ("a misspelt model", "train-text corpus.txt --compare rnn,lsmt", 2, "no model 'lsmt'"),
        ("a comparison that is not there", "train-text --compare rnn,lstm --resume no", 4, "no run no-rnn"),
        ("comparing with one model", "train-text --compare rnn,lstm --model gru", 2, "--model contradict"),
        ("lags beyond the window", "plot-gradients --window 50 --lags 50", 2, "--lags 50 lies beyond"),
        ("a window beyond the text", "plot-gradients --window 5000", 3, "too few for 128 windows of 5000"),
        ("too few windows", "plot-gradients --windows 63", 2, "--windows"),
        ("an epoch of untrained cells", "plot-gradients --init --epoch 1", 2, "contradict"),
        ("gradients as a text", "plot-gradients --out x.txt", 2, "no known ending"),
        ("gradients without a run", "plot-gradients --run none", 4, "there is no run none"),
        ("an epoch of gradients that was not kept", "plot-gradients --epoch 9", 4, "kept are: 1-2"),
        ("a unit too many", "plot-gates --units 12", 2, "--units 12 is beyond the 12"),
        ("units that are words", "plot-gates --units all", 2, "'all' is not a list of whole numbers"),
        ("a layer too many", "plot-gates --layer 2", 2, "--layer 2 is beyond the 1"),
        ("an unknown character in gates", "plot-gates --text ΩΩ --units 1", 3, "'Ω' in --text"),
        ("an empty text", "plot-gates --text '' --units 1", 3, "--text has 0 characters"),
        ("a start beyond the text", "plot-gates --start 9999 --units 1", 3, "--start 9999 is beyond"),
        ("a text too short to seek in", "plot-gates", 3, "too few to find units"),
        ("another architecture by a flag", "train-text corpus.txt --init-from tiny --hidden-size 20", 2,
         "contradicts --init-from tiny, which has 12"),
        ("another model by a config", "train-text corpus.txt --init-from tiny --config other.toml", 2,
         "contradicts --init-from"),
        ("bytes by a config", "train-text corpus.txt --init-from tiny --config bytes.toml", 2,
         "contradicts --init-from"),
        ("more layers by a config", "train-text corpus.txt --init-from tiny --config deeper.toml", 2,
         "contradicts --init-from"),
    ],
    "vae": [
        ("an epoch that was not kept", "reconstruct --run plain --epochs 1,9", 4, "kept are: 1-3"),
        ("an image that is not there", "reconstruct --run plain --images 30", 2, "there are 30 test images"),
        ("no number", "reconstruct --run plain --images x", 2, "--images 'x' is not a list"),
        ("an unknown ending", "reconstruct --run plain --out x.bmp", 2, "x.bmp has no known ending"),
        ("a run that is not there", "reconstruct --run nothing", 4, "there is no run nothing"),
        ("different targets", "plot-elbo --run plain --run grey", 2, "their targets differ"),
        ("an unknown kind", "plot-latent --run plain --kind scater", 2, "did you mean scatter?"),
        ("three ends", "plot-latent --run plain --kind interpolate --images 1,2,3", 2, "takes 2"),
        ("an option of another kind", "plot-latent --run plain --kind scatter --steps 9", 2, "means"),
        ("one axis of a plane", "plot-latent --run bare --kind manifold --dimensions 1", 2, "takes 2"),
        ("an image too far", "plot-latent --run plain --images 99", 2, "choose from 0 to 29"),
        ("a dimension too far", "plot-latent --run plain --dimensions 4", 2, "choose from 0 to 3"),
        ("a class of no class", "plot-latent --kind manifold --run classes --class 7", 3, "the classes are: 0, 1, 2"),
        ("a class without condition", "plot-latent --kind manifold --run plain --class 1", 2, "not conditional"),
        ("classes without condition", "sample-images --run plain --classes 1", 2, "not conditional"),
        ("classes that are none", "sample-images --run classes --classes 0,9", 3, "no class '9'"),
        ("an unknown split", "eval-images --run plain --split tset", 2, "did you mean test?"),
        ("an unknown target", "eval-images --run plain --binarize grey", 2, "choose one of: none"),
        ("an empty name", "train-vae --dataset ''", 3, "--dataset is empty"),
        ("a name too long", f"train-vae --dataset {'x' * 5000}", 3, "there is no image set"),
        ("a missing image set", "train-vae --dataset missing", 3, "there is no image set missing"),
        ("a typo in a set", "train-vae --dataset mnsit", 3, "did you mean mnist?"),
        ("a text as images", "train-vae --dataset notes.txt", 3, "is not an image set"),
        ("no classes to give", "train-vae --dataset plain.npz --conditional", 3, "has no labels"),
        ("nothing to train on", "train-vae --dataset set.npz --val-images 120", 2, "leaves nothing"),
        ("an unknown preset", "train-vae --preset clasic", 2, "did you mean classic?"),
        ("a typo in the model", "train-vae --model cnov", 2, "did you mean conv?"),
        ("two objectives", "train-vae --importance-samples 5 --free-bits 1", 2, "contradict each other"),
        ("a negative beta", "train-vae --beta -1", 2, "--beta is -1.0"),
        ("no latent dimension", "train-vae --latent-size 0", 2, "--latent-size is 0"),
    ],
    "pixelrnn": [
        ("the left half of an upright run", "complete --run upright --hide left", 2,
         "can't condition on what comes after"),
        ("a typo in a side", "complete --run upright --hide botom", 2, "did you mean bottom?"),
        ("hiding everything", "complete --run upright --keep-rows 0", 2, "--keep-rows 0 hides everything of 8 rows"),
        ("hiding nothing", "complete --run upright --keep-rows 8", 2, "--keep-rows 8 hides nothing of 8 rows"),
        ("an image that is not there", "complete --run upright --images 99", 2, "there are 30 test images"),
        ("images and pictures", "complete --run upright --images 1 --input own", 2, "contradict each other"),
        ("a picture of another size", "complete --run upright --input small.png", 3,
         "images of 8x5 pixels, but the run was trained"),
        ("a picture that is missing", "complete --run upright --input none.png", 3, "there is no image set none.png"),
        ("an epoch that was not kept", "complete --run upright --epoch 7", 4, "epoch 7"),
        ("a completion in an unknown ending", "complete --run upright --out half.xyz", 2, "half.xyz"),
        ("reconstructing pixels", "reconstruct --run upright", 4,
         "is a pixelrnn run, but this command needs a vae run"),
        ("classes of pixels without", "sample-images --run upright --classes 1", 2, "knows no classes"),
        ("targets of other levels", "eval-images --run upright --binarize none", 2,
         "does not go with a run of 2 levels"),
        ("four orientations of an oblong", "train-pixelrnn --dataset oblong.npz --orientations 4", 2,
         "these are 8x6 pixels"),
        ("three orientations", "train-pixelrnn --dataset set.npz --orientations 3", 2, "--orientations is 3"),
        ("levels in between", "train-pixelrnn --dataset set.npz --levels 8", 2, "--levels '8' is unknown"),
        ("levels and static targets", "train-pixelrnn --dataset set.npz --levels 4 --binarize static", 2,
         "contradict each"),
        ("levels and grey targets", "train-pixelrnn --dataset set.npz --binarize none", 2, "contradict each other"),
        ("a family for a model", "train-pixelrnn --dataset set.npz --model pixelrnn", 2, "is unknown"),
        ("a typo in a preset", "train-pixelrnn --dataset set.npz --preset papre", 2, "did you mean paper?"),
    ],
    "gan": [
        ("a typo in the loss", "train-gan --dataset set.npz --loss hindge", 2, "did you mean hinge?"),
        ("a model that is not known", "train-gan --dataset set.npz --model gan", 2, "--model 'gan' is unknown"),
        ("a negative penalty", "train-gan --dataset set.npz --r1 -1", 2, "--r1 is -1"),
        ("no code at all", "train-gan --dataset set.npz --latent-size 0", 2, "--latent-size is 0"),
        ("a typo in a preset", "train-gan --dataset set.npz --preset clasic", 2, "did you mean classic?"),
        ("an image set that is missing", "train-gan --dataset none.npz", 3, "there is no image set none.npz"),
        ("drawn images beside training images", "eval-images --run game --split train", 2, "compared with test images"),
        ("an epoch that was not kept", "eval-images --run game --epochs 9", 4, "epoch 9"),
        ("classes of a game without", "sample-images --run game --classes 1", 2, "a gan run knows no classes"),
        ("a film that is no film", "sample-images --run game --epochs 1-3 --animate film.png", 2,
         "film.png is no .gif"),
        ("a film of one epoch", "sample-images --run game --animate film.gif", 2, "one epoch does not move"),
        ("codes of images without an encoder", "plot-latent --run game --kind scatter", 2, "a GAN has no encoder"),
        ("images between random codes", "plot-latent --run game --images 1,2", 2,
         "--images means nothing for a GAN's interpolation"),
        ("a seed for a figure without chance", "plot-latent --run vae --seed 1", 2, "--seed means nothing for a"),
        ("the course of another family", "plot-gan --run vae", 4, "is a vae run, but this command needs a gan run"),
        ("the course at an epoch too far", "plot-gan --run game --epoch 8", 4, "no evaluation of epoch 8"),
        ("the course in an unknown ending", "plot-gan --run game --out course.xyz", 2, "course.xyz"),
        ("reconstructing without an encoder", "reconstruct --run game", 4,
         "is a gan run, but this command needs a vae run"),
        ("completing without pixels' order", "complete --run game", 4,
         "is a gan run, but this command needs a pixelrnn run"),
        ("one run to compare", "compare-images game", 2, "one run (game) has nothing to be compared with"),
        ("runs on different images", "compare-images game plain", 2, "on different images"),
        ("nats of different targets", "compare-images vae grey-vae", 2, "nats of different targets can't be compared"),
        ("a misspelt run to compare", "compare-images game gane", 4, "did you mean game?"),
        ("nothing to compare", "compare-images --runs nowhere", 4, "too few to compare"),
        ("a comparison in an unknown ending", "compare-images game mlp --out x.xyz", 2, "x.xyz"),
        ("one image held out", "train-gan --dataset set.npz --val-images 1", 2, "--val-images 1 is too few"),
    ],
    "reader": [
        ("digits without labels", "train-reader --dataset plain.npz", 3, "has no labels, so there is nothing to read"),
        ("a typo in a reader", "train-reader --dataset set.npz --model crn", 2, "did you mean crnn?"),
        ("strips of no digit", "train-reader --dataset set.npz --longest 0", 2, "--longest is 0"),
        ("a picture that is missing", "read-image none.png --run crnn", 3, "there is no picture none.png"),
        ("a folder for a picture", "read-image runs --run crnn", 3, "runs is a folder"),
        ("a broken picture", "read-image broken.png --run crnn", 3, "broken.png"),
        ("an image set for a picture", "read-image set.npz --run crnn", 3, "set.npz is not a picture"),
        ("pictures and strips", "read-image empty.png --strips 3 --run crnn", 2, "contradict each other"),
        ("a typo in a decoder", "read-image --run crnn --decode beem", 2, "did you mean beam?"),
        ("a beam of one", "read-image --run crnn --beam-width 1", 2, "beam-width"),
        ("a beam for no beam search", "eval-reader --run crnn --beam-width 5", 2, "--beam-width 5 means nothing"),
        ("faint images", "train-reader --dataset faint.npz", 3, "by at most 15 of 255"),
        ("nothing to read from", "train-reader --dataset set.npz --val-images 60", 2, "leaves nothing"),
        ("a length that is a word", "read-image --run crnn --lengths a", 2, "--lengths 'a'"),
        ("strips too long", "read-image --run crnn --lengths 99", 2, "99 digits are too many"),
        ("an epoch that was not kept", "read-image --run crnn --epoch 9", 4, "epoch 9"),
        ("a picture in an unknown ending", "read-image --run crnn --out read.xyz", 2, "read.xyz"),
        ("a misspelt reader", "eval-reader --run crn", 4, "did you mean crnn?"),
        ("lengths backwards", "eval-reader --run crnn --lengths 3-1", 2, "--lengths '3-1'"),
        ("drawing strips", "sample-images --run crnn", 4, "is a reader run"),
        ("comparing readers as images", "compare-images crnn fixed", 4, "is a reader run"),
    ],
}  # fmt: skip

# The same mistakes in every family's training: (what, flags, code, fragment).
_TRAINING = [
    ("a reserved name", "--name last", 2, "is reserved"),
    ("a name with a slash", "--name a/b", 2, "cannot name a run"),
    ("a taken name", "--name {run}", 2, "exists already"),
    ("no epochs", "--epochs 0", 2, "--epochs is 0"),
    ("a learning rate of nan", "--learning-rate nan", 2, "not a finite number"),
    ("a typo in an option", "--epohcs 3", 2, "did you mean --epochs?"),
    ("two lengths", "--epochs 1 --minutes 1", 2, "contradict each other"),
    ("not a device", "--device gpu", 2, "'gpu' is not a device"),
    ("half precision on a CPU", "--device cpu --precision bf16", 2, "CUDA only"),
    ("a config that is missing", "--config none.toml", 2, "cannot be read"),
    ("a runs folder that is a file", "--runs {file}", 5, "cannot write"),
]
_TRAINED = {
    "trained text": ("train-text corpus.txt", "tiny", "tiny.txt"),
    "vae": ("train-vae --dataset set.npz", "plain", "notes.txt"),
    "pixelrnn": ("train-pixelrnn --dataset set.npz", "upright", "notes.txt"),
    "gan": ("train-gan --dataset set.npz", "game", "notes.txt"),
    "reader": ("train-reader --dataset set.npz", "crnn", "notes.txt"),
}

MISTAKES = [Mistake(home, *row) for home, rows in _ROWS.items() for row in rows] + [
    Mistake(home, f"{what} in training", f"{command} {flags.format(run=run, file=file)}", code, fragment)
    for home, (command, run, file) in _TRAINED.items()
    for what, flags, code, fragment in _TRAINING
]
