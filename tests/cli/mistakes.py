"""Every mistake a command answers: its exit code and a sentence that names the value.

A new mistake is a row here; `homes.HOMES` has the folder that it is made in. Its hint is followed: by a rule of
`hints.RULES`, or as the row says in a fifth place (`then`).
"""

import shlex
from dataclasses import dataclass
from typing import Any


class Untypable(str):
    """Why a hint can't be followed by typing, such as one to free some space."""

    __slots__ = ()


@dataclass(frozen=True)
class Mistake:
    """A command line that is refused.

    Args:
        home: the folder it is typed in.
        what: the mistake, in words.
        line: what is typed.
        code: the exit code.
        fragment: part of what is answered.
        then: the line, or several, that follow the hint and must succeed; "": as a rule of `hints.RULES` says;
            `Untypable`: why no line follows it.
    """

    home: str
    what: str
    line: str
    code: int
    fragment: str
    then: str | tuple[str, ...] = ""

    @property
    def lines_that_follow(self) -> list[list[str]]:
        return [shlex.split(line) for line in ((self.then,) if isinstance(self.then, str) else self.then) if line]

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


Row = tuple[str, str, int, str] | tuple[str, str, int, str, str | tuple[str, ...]]
_ROWS: dict[str, list[Row]] = {
    "text": [
        ("a missing file", "train-text missing.txt", 3, "there is no file missing.txt", "train-text corpus.txt"),
        ("a folder without matches", "train-text empty", 3, "no file in empty matches '*.txt'",
         "train-text . --glob 'corp*'"),
        ("an empty corpus", "train-text empty.txt", 3, "is empty", "train-text corpus.txt"),
        ("a tiny corpus", "train-text tiny.txt", 3, "the corpus has 12 characters, too few", "train-text corpus.txt"),
        ("a picture", "train-text binary.png", 3, "binary.png is a picture by its first bytes",
         "train-text corpus.txt"),
        ("a zero byte", "train-text zeros.txt", 3, "looks binary: it has a zero byte at offset 270",
         ("train-text corpus.txt", "train-text zeros.txt --bytes")),
        ("a packed text", "train-text book.txt.gz", 3, "put `gunzip -c book.txt.gz |` before the command",
         "train-text corpus.txt"),
        ("a PDF", "train-text book.pdf", 3, "put `pdftotext book.pdf - |` before the command", "train-text corpus.txt"),
        ("a Word file", "train-text book.docx", 3, "book.docx is a Word file by its first bytes",
         "train-text corpus.txt"),
        ("UTF-16 without a mark", "train-text wide.txt", 3, "use --encoding utf-16-be.",
         "train-text wide.txt --encoding utf-16-be"),
        ("the other byte order", "train-text wide.txt --encoding utf-16-le", 3, "use --encoding utf-16-be.",
         "train-text wide.txt --encoding utf-16-be"),
        ("UTF-32 taken for UTF-16", "train-text marked.txt --encoding utf-16", 3, "use --encoding utf-32.",
         "train-text marked.txt --encoding utf-32"),
        ("half a character", "train-text half.txt --encoding raw_unicode_escape", 3, "half.txt has half a character",
         ("train-text corpus.txt", "train-text half.txt --bytes")),
        ("a wrong encoding", "train-text latin.txt", 3, "byte 0xe9 at offset 3",
         "train-text latin.txt --encoding latin-1"),
        ("the wrong wide encoding", "train-text corpus.txt --encoding utf-16", 3, "is not utf-16",
         "train-text corpus.txt --encoding utf-8"),
        ("an encoding that is none", "train-text corpus.txt --encoding rot13", 3, "no encoding 'rot13'",
         "train-text corpus.txt --encoding latin-1"),
        ("a config of the wrong type", "train-text corpus.txt --config typed.toml", 2, "'layers' is '1'",
         "train-text corpus.txt --config good.toml"),
        ("a network of one unit", "train-text corpus.txt --hidden-size 1", 2, "--hidden-size is 1"),
        ("no such encoding", "train-text corpus.txt --encoding utf-9000", 3, "no encoding 'utf-9000'",
         "train-text corpus.txt --encoding cp1252"),
        ("a vocabulary over the limit", "train-text corpus.txt --max-vocabulary 5", 3, "more than 5",
         ("train-text corpus.txt --max-vocabulary 22", "train-text corpus.txt --max-vocabulary 5 --bytes")),
        ("a typo in a model", "train-text corpus.txt --model lsmt", 2, "did you mean lstm?"),
        ("a typo in an option", "train-text corpus.txt --hiden-size 9", 2, "did you mean --hidden-size?"),
        ("a typo in a command", "trian-text", 2, "did you mean train-text?", "train-text corpus.txt"),
        ("a typo in a subcommand", "runs lst", 2, "did you mean list?"),
        ("a word for a number", "train-text corpus.txt --epochs many", 2, "'many' is not a whole number"),
        ("no epochs", "train-text corpus.txt --epochs 0", 2, "--epochs is 0"),
        ("no minutes", "train-text corpus.txt --minutes 0", 2, "--minutes is 0"),
        ("dropout of one", "train-text corpus.txt --dropout 1", 2, "--dropout is 1.0"),
        ("a learning rate of nan", "train-text corpus.txt --learning-rate nan", 2, "not a finite number"),
        ("an empty seed phrase", "train-text corpus.txt --sample-prompt ''", 2, "--sample-prompt is empty"),
        ("an unknown seed phrase", "train-text corpus.txt --sample-prompt Ω", 3, "'Ω' in --sample-prompt",
         "train-text corpus.txt --sample-prompt th"),
        ("two lengths", "train-text corpus.txt --epochs 1 --minutes 1", 2, "contradict each other",
         "train-text corpus.txt --epochs 1"),
        ("a pattern that leaves the folder", "train-text . --glob '/x/*.txt'", 3, "no pattern within a folder",
         "train-text . --glob 'corp*'"),
        ("a name that is taken", "train-text corpus.txt --name empty --runs .", 2, "exists already"),
        ("a reserved name", "train-text corpus.txt --name last", 2, "is reserved"),
        ("a name that looks like a flag", "train-text corpus.txt --name -x", 2, "cannot name a run"),
        ("an empty reference", "train-text --resume ''", 2, "name is empty",
         ("train-text corpus.txt", "train-text --resume last")),
        ("a config that is another JSON", "train-text corpus.txt --config list.json", 2, "not a run.json",
         "train-text corpus.txt --config good.toml"),
        ("a config with a typo", "train-text corpus.txt --config typo.toml", 2, "--config typo.toml: there is",
         "train-text corpus.txt --config good.toml"),
        ("a model in capitals", "train-text corpus.txt --model LSTM", 2, "did you mean lstm?"),
        ("the last of two values", "train-text corpus.txt --epochs 1 --epochs x", 2, "'x' is not a"),
        ("not a device", "train-text corpus.txt --device gpu", 2, "'gpu' is not a device"),
        ("half precision on a CPU", "train-text corpus.txt --device cpu --precision bf16", 2, "CUDA only"),
        ("a name with a slash", "train-text corpus.txt --name a/b", 2, "cannot name a run"),
        ("a runs folder that is a file", "train-text corpus.txt --runs tiny.txt", 5, "cannot write"),
        ("a config that is missing", "train-text corpus.txt --config none.toml", 2, "cannot be read",
         "train-text corpus.txt --config good.toml"),
        ("a config that is no TOML", "train-text corpus.txt --config corpus.txt", 2, "neither TOML",
         "train-text corpus.txt --config good.toml"),
        ("nothing to resume", "train-text --resume last", 4, "there is no text run in runs"),
        ("resuming what is no run", "train-text --resume empty", 4, "is not a run directory",
         ("train-text corpus.txt", "runs list", "train-text --resume last")),
        ("starting from what is no run", "train-text corpus.txt --init-from nothing", 4, "no run nothing"),
        ("a name that Windows takes for a device", "train-text missing.txt --name con", 2, "on Windows it is a device",
         "train-text corpus.txt --name console"),
        ("a device's name with an ending", "train-text missing.txt --name Nul.txt", 2, "on Windows it is a device",
         "train-text corpus.txt --name Null.txt"),
        ("a name that ends in a dot", "train-text missing.txt --name x.", 2, "ends in a dot",
         "train-text corpus.txt --name x"),
        ("a name that ends in a blank", "train-text missing.txt --name 'x '", 2, "cannot name a run",
         "train-text corpus.txt --name x"),
        ("a name over 200 bytes", f"train-text missing.txt --name {'é' * 101}", 2, "than 200 bytes: it has 202",
         f"train-text corpus.txt --name {'é' * 100}"),
        ("a device for a comparison", "train-text missing.txt --compare rnn,gru --name aux", 2, "is a device",
         "train-text corpus.txt --compare rnn,gru --name auxiliary"),
        ("a comparison that ends in a dot", "train-text missing.txt --compare rnn,gru --name x.", 2, "ends in a dot",
         "train-text corpus.txt --compare rnn,gru --name x"),
        ("a comparison without a name", "train-text missing.txt --compare rnn,gru --name ''", 2, "cannot name a run",
         "train-text corpus.txt --compare rnn,gru --name x"),
        ("a comparison whose runs' names are too long",
         f"train-text missing.txt --compare rnn,feedforward --name {'x' * 190}", 2, "than 200 bytes: it has 202",
         f"train-text corpus.txt --compare rnn,feedforward --name {'x' * 188}"),
        ("images under a device's name", "train-vae --dataset missing.npz --name LPT1.a.b", 2, "it is a device",
         Untypable("the home of texts has no images")),
        ("sampling without a run", "sample-text", 4, "genmodels train-text makes one"),
        ("sizes that cannot be equal", "train-text corpus.txt --hidden-size 2 --embedding-size 64 --context 16 "
         "--compare lstm,feedforward -q", 2, "parameters can be made",
         "train-text corpus.txt --hidden-size 12 --embedding-size 6 --context 4 --compare lstm,feedforward -q"),
        ("a config whose typo has a neighbour", "train-text corpus.txt --config typo.toml", 2,
         "did you mean hidden_size", "train-text corpus.txt --config good.toml"),
    ],
    "trained text": [
        ("unknown characters in a prompt", "sample-text --prompt 'Ω the'", 3, "'Ω' in the prompt is not in the voc"),
        ("an escape sequence in a prompt", "sample-text --prompt '\x1b[2J'", 3, r"'\x1b'",
         "sample-text --prompt th"),
        ("an empty prompt", "sample-text --prompt ''", 3, "the prompt is empty"),
        ("two prompts", "sample-text --prompt a --prompt-file corpus.txt", 2, "contradict"),
        ("a prompt file that is missing", "sample-text --prompt-file none", 3, "cannot be read",
         "sample-text --prompt-file corpus.txt"),
        ("a prompt in UTF-16", "sample-text --prompt-file wide.txt", 3, "send it through `iconv -f UTF-16BE -t UTF-8`",
         "sample-text --prompt-file corpus.txt"),
        ("a packed prompt", "sample-text --prompt-file book.txt.gz", 3, "the prompt is gzip by its first bytes",
         "sample-text --prompt-file corpus.txt"),
        ("a packed text to score", "eval-text book.txt.gz", 3, "book.txt.gz is gzip by its first bytes",
         "eval-text corpus.txt"),
        ("a text to judge in UTF-32", "judge-text marked.txt", 3, "use --encoding utf-32.",
         "judge-text marked.txt --encoding utf-32"),
        ("a prompt file that is not UTF-8", "sample-text --prompt-file latin.txt", 3, "not UTF-8 at byte 3",
         "sample-text --prompt-file corpus.txt"),
        ("a temperature below 0", "sample-text --temp -1", 2, "--temp is -1.0"),
        ("a temperature of nan", "sample-text --temp nan", 2, "--temp is nan"),
        ("a temperature of inf", "sample-text --temp 0.5,inf", 2, "--temp is inf"),
        ("a temperature that is a word", "sample-text --temp hot", 2, "'hot' is not a list of numbers"),
        ("an epoch that was not kept", "sample-text --epochs 7", 4, "kept are: 1-2."),
        ("epochs that are words", "sample-text --epochs first", 2, "'first' is not an epoch"),
        ("too many epochs", "sample-text --epochs 1-20000", 2, "more than 10,000 epochs", "sample-text --epochs 1-2"),
        ("epochs backwards", "sample-text --epochs 5-1", 2, "'5-1' is not an epoch"),
        ("more than memory", "sample-text --length 100000000 --count 9", 2, "900,000,000 characters in all",
         "sample-text --length 10 --count 9"),
        ("a folder to score", "eval-text empty", 3, "no file in empty", "eval-text corpus.txt"),
        ("no length", "sample-text --length 0", 2, "--length is 0"),
        ("a top-p of two", "sample-text --top-p 2", 2, "--top-p is 2.0"),
        ("an empty stop string", "sample-text --stop ''", 2, "--stop is empty"),
        ("a policy that is not known", "sample-text --unknown drop", 2, "--unknown 'drop'"),
        ("a run that is misspelt", "sample-text --run tinny", 4, "did you mean tiny?"),
        ("an output that cannot be written", "sample-text --out none/x.txt", 5, "cannot write",
         "sample-text --out empty/x.txt"),
        ("a protocol that is not known", "eval-text --protocol all", 2, "--protocol 'all'"),
        ("a text that is missing", "eval-text none.txt", 3, "there is no file none.txt", "eval-text corpus.txt"),
        ("a text of one character", "eval-text one.txt", 3, "1 characters", "eval-text tiny.txt"),
        ("showing what is no run", "runs show none", 4, "there is no run none"),
        ("a length too short to judge", "judge-text --length 50", 2, "--length"),
        ("a temperature of nan to judge", "judge-text --temp nan", 2, "--temp is nan"),
        ("a temperature that is a word to judge", "judge-text --temp warm", 2, "'warm' is not a list of numbers"),
        ("a file to judge that is missing", "judge-text none.txt", 3, "there is no file none.txt",
         "judge-text corpus.txt"),
        ("a file to judge that is empty", "judge-text empty.txt", 3, "is empty", "judge-text corpus.txt"),
        ("a file to judge that is tiny", "judge-text tiny.txt", 3, "tiny.txt has 12 characters, too few to judge",
         "judge-text corpus.txt"),
        ("a file to judge in unknown characters", "judge-text greek.txt", 3, "not in the vocabulary"),
        ("an epoch to judge that was not kept", "judge-text --epochs 9", 4, "kept are: 1-2."),
        ("a run to judge that is none", "judge-text --run none", 4, "there is no run none"),
        ("a policy for unknown characters that is none", "judge-text --unknown drop", 2, "--unknown 'drop'"),
        ("an empty text to judge", "sample-text --judge --stop t --count 9", 3, "an empty text can't be judged"),
        ("one model to compare", "train-text corpus.txt --compare rnn", 2, "does not name two or more"),
        ("one model twice", "train-text corpus.txt --compare rnn,rnn", 2, "does not name two or more"),
        ("a misspelt model", "train-text corpus.txt --compare rnn,lsmt", 2, "no model 'lsmt'"),
        ("a comparison that is not there", "train-text corpus.txt --compare rnn,lstm --resume no", 4, "no run no-rnn"),
        ("comparing with one model", "train-text corpus.txt --compare rnn,lstm --model gru", 2, "--model contradict"),
        ("lags beyond the window", "plot-gradients --window 50 --lags 50", 2, "--lags 50 lies beyond"),
        ("a window beyond the text", "plot-gradients --window 5000", 3, "too few for 128 windows of 5000",
         "plot-gradients --windows 64 --window 20"),
        ("too few windows", "plot-gradients --window 20 --windows 63", 2, "--windows"),
        ("an epoch of untrained cells", "plot-gradients --windows 64 --window 20 --init --epoch 1", 2, "contradict"),
        ("gradients as a text", "plot-gradients --windows 64 --window 20 --out x.txt", 2, "no known ending"),
        ("gradients without a run", "plot-gradients --windows 64 --window 20 --run none", 4, "there is no run none"),
        ("an epoch of gradients that was not kept", "plot-gradients --windows 64 --window 20 --epoch 9", 4,
         "kept are: 1-2"),
        ("a unit too many", "plot-gates --length 9 --units 12", 2, "--units 12 is beyond the 12"),
        ("units that are words", "plot-gates --length 9 --units all", 2, "'all' is not a list of whole numbers"),
        ("a layer too many", "plot-gates --length 9 --units 1 --layer 2", 2, "--layer 2 is beyond the 1"),
        ("an unknown character in gates", "plot-gates --text ΩΩ --units 1", 3, "'Ω' in --text",
         "plot-gates --text th --units 1"),
        ("an empty text", "plot-gates --text '' --units 1", 3, "--text has 0 characters",
         "plot-gates --text th --units 1"),
        ("a start beyond the text", "plot-gates --length 9 --start 9999 --units 1", 3, "--start 9999 is beyond"),
        ("a text too short to seek in", "plot-gates --length 9", 3, "too few to find units",
         "plot-gates --length 9 --units 1"),
        ("another architecture by a flag", "train-text corpus.txt --init-from tiny --hidden-size 20", 2,
         "contradicts --init-from tiny, which has 12"),
        ("another model by a config", "train-text corpus.txt --init-from tiny --config other.toml", 2,
         "contradicts --init-from", "train-text corpus.txt --init-from tiny"),
        ("bytes by a config", "train-text corpus.txt --init-from tiny --config bytes.toml", 2,
         "contradicts --init-from", "train-text corpus.txt --init-from tiny"),
        ("more layers by a config", "train-text corpus.txt --init-from tiny --config deeper.toml", 2,
         "contradicts --init-from", "train-text corpus.txt --init-from tiny"),
    ],
    "vae": [
        ("an epoch that was not kept", "reconstruct --run plain --epochs 1,9", 4, "kept are: 1-3"),
        ("an image that is not there", "reconstruct --run plain --images 30", 2, "there are 30 test images"),
        ("no number", "reconstruct --run plain --images x", 2, "--images 'x' is not a list"),
        ("an unknown ending", "reconstruct --run plain --out x.bmp", 2, "x.bmp has no known ending"),
        ("a run that is not there", "reconstruct --run nothing", 4, "there is no run nothing"),
        ("different targets", "plot-elbo --run plain --run grey", 2, "their targets differ",
         ("plot-elbo --run plain", "plot-elbo --run grey")),
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
        ("an empty name", "train-vae --dataset ''", 3, "--dataset is empty", "train-vae --dataset set.npz"),
        ("a name too long", f"train-vae --dataset {'x' * 5000}", 3, "there is no image set",
         "train-vae --dataset set.npz"),
        ("a missing image set", "train-vae --dataset missing", 3, "there is no image set missing",
         "train-vae --dataset set.npz"),
        ("a typo in a set", "train-vae --dataset mnsit", 3, "did you mean mnist?",
         Untypable("the tests fetch nothing")),
        ("a text as images", "train-vae --dataset notes.txt", 3, "is not an image set", "train-vae --dataset set.npz"),
        ("no classes to give", "train-vae --dataset plain.npz --conditional", 3, "has no labels"),
        ("nothing to train on", "train-vae --dataset set.npz --val-images 120", 2, "leaves 0 of 120 images"),
        ("an unknown preset", "train-vae --dataset set.npz --preset clasic", 2, "did you mean classic?"),
        ("a typo in the model", "train-vae --dataset set.npz --model cnov", 2, "did you mean conv?"),
        ("two objectives", "train-vae --dataset set.npz --importance-samples 5 --free-bits 1", 2,
         "contradict each other"),
        ("a negative beta", "train-vae --dataset set.npz --beta -1", 2, "--beta is -1.0"),
        ("no latent dimension", "train-vae --dataset set.npz --latent-size 0", 2, "--latent-size is 0"),
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
         "images of 8x5 pixels, but the run was trained", "complete --run upright --input own"),
        ("a picture that is missing", "complete --run upright --input none.png", 3, "there is no image set none.png",
         "complete --run upright --input own"),
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
        ("an image set that is missing", "train-gan --dataset none.npz", 3, "there is no image set none.npz",
         "train-gan --dataset set.npz"),
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
        ("one run to compare", "compare-images game", 2, "one run (game) has nothing to be compared with",
         "compare-images game mlp"),
        ("runs on different images", "compare-images game plain", 2, "on different images", "compare-images game vae"),
        ("nats of different targets", "compare-images vae grey-vae", 2, "nats of different targets can't be compared",
         "compare-images vae pixels"),
        ("a misspelt run to compare", "compare-images game gane", 4, "did you mean game?"),
        ("nothing to compare", "compare-images --runs nowhere", 4, "too few to compare",
         ("train-vae --dataset set.npz --runs nowhere", "train-gan --dataset set.npz --runs nowhere",
          "compare-images --runs nowhere")),
        ("a comparison in an unknown ending", "compare-images game mlp --out x.xyz", 2, "x.xyz"),
        ("one image held out", "train-gan --dataset set.npz --val-images 1", 2, "--val-images 1 is too few"),
    ],
    "reader": [
        ("digits without labels", "train-reader --dataset plain.npz", 3, "has no labels, so there is nothing to read",
         "train-reader --dataset set.npz"),
        ("a typo in a reader", "train-reader --dataset set.npz --model crn", 2, "did you mean crnn?"),
        ("strips of no digit", "train-reader --dataset set.npz --longest 0", 2, "--longest is 0"),
        ("a picture that is missing", "read-image none.png --run crnn", 3, "there is no picture none.png",
         "read-image tall.png --run crnn"),
        ("a folder for a picture", "read-image runs --run crnn", 3, "runs is a folder",
         "read-image tall.png --run crnn"),
        ("a broken picture", "read-image broken.png --run crnn", 3, "broken.png", "read-image tall.png --run crnn"),
        ("an image set for a picture", "read-image set.npz --run crnn", 3, "set.npz is not a picture",
         "read-image tall.png --run crnn"),
        ("pictures and strips", "read-image empty.png --strips 3 --run crnn", 2, "contradict each other"),
        ("a typo in a decoder", "read-image --run crnn --decode beem", 2, "did you mean beam?"),
        ("a beam of one", "read-image --run crnn --beam-width 1", 2, "beam-width"),
        ("a beam for no beam search", "eval-reader --run crnn --lengths 1 --beam-width 5", 2,
         "--beam-width 5 means nothing"),
        ("faint images", "train-reader --dataset faint.npz", 3, "which value is white can't be told",
         "train-reader --dataset set.npz"),
        ("nothing to read from", "train-reader --dataset set.npz --val-images 60", 2, "leaves 0 of 60 images"),
        ("a length that is a word", "read-image --run crnn --lengths a", 2, "--lengths 'a'"),
        ("strips too long", "read-image --run crnn --lengths 99", 2, "99 digits are too many"),
        ("an epoch that was not kept", "read-image --run crnn --epoch 9", 4, "epoch 9"),
        ("a picture in an unknown ending", "read-image --run crnn --out read.xyz", 2, "read.xyz"),
        ("a misspelt reader", "eval-reader --run crn", 4, "did you mean crnn?"),
        ("lengths backwards", "eval-reader --run crnn --lengths 3-1", 2, "--lengths '3-1'"),
        ("drawing strips", "sample-images --run crnn", 4, "is a reader run"),
        ("comparing readers as images", "compare-images crnn fixed", 4, "is a reader run",
         ("train-vae --dataset set.npz", "train-pixelrnn --dataset set.npz", "compare-images")),
    ],
}  # fmt: skip

# The same mistakes in every family's training: (what, flags, code, fragment, flags that follow the hint).
_TRAINING: list[Row] = [
    ("a reserved name", "--name last", 2, "is reserved"),
    ("a name with a slash", "--name a/b", 2, "cannot name a run"),
    ("a taken name", "--name {run}", 2, "exists already"),
    ("no epochs", "--epochs 0", 2, "--epochs is 0"),
    ("a learning rate of nan", "--learning-rate nan", 2, "not a finite number"),
    ("a typo in an option", "--epohcs 1", 2, "did you mean --epochs?"),
    ("two lengths", "--epochs 1 --minutes 1", 2, "contradict each other", "--epochs 1"),
    ("not a device", "--device gpu", 2, "'gpu' is not a device"),
    ("half precision on a CPU", "--device cpu --precision bf16", 2, "CUDA only"),
    ("a config that is missing", "--config none.toml", 2, "cannot be read", "--config good.toml"),
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
    Mistake(
        home,
        f"{what} in training",
        f"{command} {flags.format(run=run, file=file)}",
        code,
        fragment,
        *(f"{command} {flags}" for flags in then),
    )
    for home, (command, run, file) in _TRAINED.items()
    for what, flags, code, fragment, *then in _TRAINING
]
