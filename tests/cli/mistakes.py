"""Every mistake a command answers: its exit code and a sentence that names the value.

A new mistake is a row here; `homes.HOMES` has the folder that it is made in. Its hint is followed: by a rule of
`hints.RULES`, or as the row says in a fifth place (`then`).
"""

import shlex
from dataclasses import dataclass
from typing import Any

from cli.speech_mistakes import SPEECH_ROWS
from cli.text_mistakes import TEXT_ROWS, Row, Untypable


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


_ROWS: dict[str, list[Row]] = {
    **TEXT_ROWS,
    "vae": [
        ("an epoch that was not kept", "reconstruct --run plain --epochs 1,9", 4, "kept are: 1-3"),
        ("an image that is not there", "reconstruct --run plain --images 30", 2, "there are 30 test images"),
        ("no number", "reconstruct --run plain --images x", 2, "'x' is not a whole number"),
        ("an unknown ending", "reconstruct --run plain --out x.bmp", 2, "x.bmp has no known ending"),
        ("a folder for a figure", "reconstruct --run plain --out runs", 2, "--out runs is a folder, not a file",
         "reconstruct --run plain --out runs/figure.png"),
        ("a folder that is not there", "plot-elbo --run plain --csv new/", 2, "--csv new/ is a folder, not a file",
         "plot-elbo --run plain --csv new/table.csv"),
        ("a folder for a film", "plot-latent --run plain --animate runs", 2, "such as --animate runs/animation.gif.",
         "plot-latent --run plain --animate runs/animation.gif"),
        ("a folder for curves", "runs compare plain classes --out runs", 2, "--out runs is a folder, not a file",
         "runs compare plain classes --out runs/figure.png"),
        ("a run that is not there", "reconstruct --run nothing", 4, "there is no run nothing"),
        ("different targets", "plot-elbo --run plain --run grey", 2, "have different targets",
         ("plot-elbo --run plain", "plot-elbo --run grey")),
        ("an unknown kind", "plot-latent --run plain --kind scater", 2, "did you mean scatter?"),
        ("three ends", "plot-latent --run plain --kind interpolate --images 1,2,3", 2, "takes 2"),
        ("an option of another kind", "plot-latent --run plain --kind scatter --steps 9", 2, "means"),
        ("one axis of a plane", "plot-latent --run bare --kind manifold --dimensions 1", 2, "takes 2"),
        ("a walk that does not move", "plot-latent --run plain --kind scatter --animate w.gif", 2, "does not move"),
        ("a walk that is no film", "plot-latent --run plain --animate w.mp4", 2, "is no .gif"),
        ("an image too far", "plot-latent --run plain --images 99", 2, "choose from 0 to 29"),
        ("a dimension too far", "plot-latent --run plain --dimensions 4", 2, "choose from 0 to 3"),
        ("a class of no class", "plot-latent --kind manifold --run classes --classes 7", 3, "the classes are: 0, 1, 2",
         "plot-latent --kind manifold --run classes --classes 2"),
        ("a class by another name", "plot-latent --kind manifold --run classes --class 2", 2, "no option --class",
         "plot-latent --kind manifold --run classes --classes 2"),
        ("a class of another kind", "plot-latent --kind traverse --run classes --classes 2", 2, "means nothing"),
        ("a class without condition", "plot-latent --kind manifold --run plain --classes 1", 2, "not conditional",
         "plot-latent --kind manifold --run plain"),
        ("classes without condition", "sample-images --run plain --classes 1", 2, "not conditional",
         "sample-images --run plain"),
        ("an empty title", "plot-elbo --run plain --title '' --out t.png", 2, "--title '' is empty",
         "plot-elbo --run plain --out t.png"),
        ("a size of numbers", "sample-images --run plain --out n.npz --size 640x480 --title T", 2,
         "--size and --title can't be followed", "sample-images --run plain --size 640x480 --title T --out figure.png"),
        ("a title of no figure", "runs compare plain classes --title T", 2, "--title can't be followed",
         "runs compare plain classes --title T --out figure.png"),
        ("classes that are none", "sample-images --run classes --classes 0,9", 3, "no class '9'",
         "sample-images --run classes --classes 0,2"),
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
        ("a negative beta", "train-vae --dataset set.npz --beta -1", 2, "--beta is -1,"),
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
        ("a picture that is missing", "complete --run upright --input none.png", 3, "there is no file none.png",
         "complete --run upright --input own"),
        ("an epoch that was not kept", "complete --run upright --epoch 7", 4, "epoch 7"),
        ("a film of a completion that is none", "complete --run upright --animate half.png", 2,
         "half.png is no .gif", "complete --run upright --count 1 --animate half.gif"),
        ("a completion in an unknown ending", "complete --run upright --out half.xyz", 2, "half.xyz"),
        ("reconstructing pixels", "reconstruct --run upright", 4,
         "is a pixelrnn run, but this command needs a vae run"),
        ("classes of pixels without", "sample-images --run upright --classes 1", 2, "knows no classes",
         "sample-images --run upright"),
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
        ("classes of a game without", "sample-images --run game --classes 1", 2, "a gan run knows no classes",
         "sample-images --run game"),
        ("a film that is no film", "sample-images --run game --epochs 1-3 --animate film.png", 2,
         "film.png is no .gif"),
        ("a film of one epoch", "sample-images --run game --animate film.gif", 2, "one epoch does not move"),
        ("codes of images without an encoder", "plot-latent --run game --kind scatter", 2, "a GAN has no encoder"),
        ("images between random codes", "plot-latent --run game --images 1,2", 2,
         "--images means nothing for a GAN's interpolation"),
        ("a seed for a figure without chance", "plot-latent --run vae --seed 1", 2, "--seed means nothing for --kind"),
        ("curves of different scores", "plot-curve --run vae --run game", 2, "have different scores (vae: elbo; game:",
         ("plot-curve --run vae", "plot-curve --run game")),
        ("curves of different targets", "plot-curve --run vae --run grey-vae", 2, "have different targets",
         ("plot-curve --run vae --out a.png", "plot-curve --run grey-vae --out b.png")),
        ("a typo in the score of a curve", "plot-curve --run vae --score elb", 2, "did you mean elbo?",
         "plot-curve --run vae --score elbo"),
        ("a score that is not measured", "plot-curve --run vae --score perplexity", 2, "--score perplexity is nothing",
         "plot-curve --run vae --score kl"),
        ("a page that is no html", "report --run vae --out page.pdf", 2, "--out page.pdf is no .html",
         "report --run vae --out page.html"),
        ("a curve in an unknown ending", "plot-curve --run vae --out curve.xyz", 2, "curve.xyz"),
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
        ("a misspelt run to compare", "compare-images mlp gane", 4, "did you mean game?"),
        ("nothing to compare", "compare-images --runs nowhere", 4, "nowhere has no runs that draw images, and",
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
        ("a folder for a picture", "read-image runs --run crnn", 3, "no picture lies in runs",
         "read-image tall.png --run crnn"),
        ("a broken picture", "read-image broken.png --run crnn", 3, "broken.png", "read-image tall.png --run crnn"),
        ("an image set for a picture", "read-image set.npz --run crnn", 3, "set.npz is not a picture",
         "read-image tall.png --run crnn"),
        ("pictures and strips", "read-image empty.png --strips 3 --run crnn", 2, "contradict each other"),
        ("a typo in a decoder", "read-image --run crnn --decode beem", 2, "did you mean beam?"),
        ("a beam of one", "read-image --run crnn --decode beam --beam-width 1", 2, "beam-width"),
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
        ("no digits at all", "eval-reader --run crnn --lengths 0-2", 2, "--lengths is 0, but it must be 1 or more",
         "eval-reader --run crnn --lengths 1-2 --strips 2"),
        ("lengths backwards", "eval-reader --run crnn --lengths 3-1", 2, "--lengths '3-1'"),
        ("drawing strips", "sample-images --run crnn", 4, "is a reader run"),
        ("comparing readers as images", "compare-images crnn fixed", 4, "is a reader run",
         ("train-vae --dataset set.npz", "train-pixelrnn --dataset set.npz", "compare-images")),
    ],
    "speech": SPEECH_ROWS,
}  # fmt: skip

# The same mistakes in every family's training: (what, flags, code, fragment, flags that follow the hint).
_TRAINING: list[Row] = [
    ("a reserved name", "--name last", 2, "is reserved"),
    ("a name with a slash", "--name a/b", 2, "cannot name a run"),
    ("a taken name", "--name {run}", 2, "exists already"),
    ("no epochs", "--epochs 0", 2, "--epochs is 0"),
    ("no minutes", "--minutes 0", 2, "--minutes is 0, but it must be above 0"),
    ("previews without a unit", "--preview-every 60", 2, "'60' does not say whether of steps or of seconds"),
    ("previews now and then", "--preview-every soon", 2, "'soon' is neither a time nor a number of steps"),
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
    "speech": ("train-speech --dataset words", "both", "notes.txt"),
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
