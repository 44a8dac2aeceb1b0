"""The built-in set of words: ten digits said by 200 synthesised voices.

They are synthesised, never spoken: a set that needs no network and no licence, for first steps and for tests. A
speaker is a drawn vocal tract, voice, accent, pace, room and microphone; a take of a word is one that this speaker
might say (`pronunciation`, `synthesiser`, `microphones`). Whole voices are held out for the test part.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import WORDS, Clips, WordSet, clips_of
from genmodels.data.sound.voices.microphones import record
from genmodels.data.sound.voices.pronunciation import movements_of, pronounce
from genmodels.data.sound.voices.speakers import Speaker, draw_speaker
from genmodels.data.sound.voices.synthesiser import FRAME, synthesise
from genmodels.telling import Advance, Counting, Notice, silent, uncounted

VOICES_VERSION = 1  # raise it when the sounds change: the cache keeps them by this number
NAME = "synthesised voices"
TRAIN_SPEAKERS, TEST_SPEAKERS = 160, 40
TAKES = 4  # of each word by each speaker
_SEED = 19
_BLOCK = 400  # sounds that are made at a time


def make_voices(notice: Notice, counting: Counting = uncounted) -> WordSet:
    """Make the whole set: a quarter of a minute on one core."""
    count = TRAIN_SPEAKERS + TEST_SPEAKERS
    total = count * len(WORDS) * TAKES
    notice(f"making {total:,} words of {count} synthesised voices, once")
    with counting("making voices", total) as advance:
        train = speak(WORDS, range(TRAIN_SPEAKERS), TAKES, advance=advance)
        test = speak(WORDS, range(TRAIN_SPEAKERS, count), TAKES, advance=advance)
    recipe = f"{NAME} {VOICES_VERSION} {_SEED} {TRAIN_SPEAKERS} {TEST_SPEAKERS} {TAKES}"
    return WordSet(
        NAME,
        "voices",
        train,
        test,
        WORDS,
        tuple(f"voice {number + 1}" for number in range(count)),
        hashlib.sha256(recipe.encode()).hexdigest(),
    )


def speak(
    words: Sequence[str], speakers: Sequence[int], takes: int, seed: int = _SEED, advance: Advance = silent
) -> Clips:
    """Have synthesised voices say words.

    Args:
        words: of the ten digits' words.
        speakers: their numbers; whoever has the same number and seed has the same voice.
        takes: of each word by each speaker.
        seed: of speakers and takes.
        advance: is told how many more are made.

    Returns:
        One clip a take, speaker by speaker, word by word; `words` counts in the ten digits' words.
    """
    known = {number: draw_speaker(number, seed) for number in speakers}
    asked = [(number, WORDS.index(word), take) for number in speakers for word in words for take in range(takes)]
    randoms = [np.random.Generator(np.random.PCG64([seed, *one])) for one in asked]
    said_by = [known[number] for number, _, _ in asked]
    mouths = [pronounce(WORDS[w], s, r) for (_, w, _), s, r in zip(asked, said_by, randoms, strict=True)]
    order = np.argsort([len(mouth) for mouth in mouths], kind="stable")
    clips: list[NDArray[np.int16]] = [np.zeros(0, np.int16)] * len(asked)
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        block = _record_block([mouths[r] for r in rows], [said_by[r] for r in rows], [randoms[r] for r in rows])
        for row, clip in zip(rows, block, strict=True):
            clips[row] = clip
        advance(len(rows))
    return clips_of(clips, [[word] for _, word, _ in asked], [number for number, _, _ in asked])


def _record_block(
    mouths: Sequence[NDArray[np.float32]], speakers: Sequence[Speaker], randoms: Sequence[np.random.Generator]
) -> list[NDArray[np.int16]]:
    """Clips of takes of about the same length."""
    moving = movements_of(mouths, speakers)
    hiss = np.zeros((len(mouths), moving.pitch.shape[1] * FRAME), np.float32)
    for row, mouth, random in zip(hiss, mouths, randoms, strict=True):
        random.standard_normal(out=row[: len(mouth) * FRAME], dtype=np.float32)
    voices = synthesise(moving, hiss)
    return [
        record(voice[: len(mouth) * FRAME], speaker.microphone, random, abs(random.normal(0.0, 3.0)))
        for voice, mouth, speaker, random in zip(voices, mouths, speakers, randoms, strict=True)
    ]
