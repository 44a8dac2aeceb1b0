"""The sounds that the ten digit words are made of, and the ways in which people put them together.

A sound is a target that the mouth moves towards: where the resonances of the vocal tract lie, how strongly the vocal
folds sound, and how much noise arises at a narrow place. The frequencies are round figures for a man's vocal tract of
middle length (the vowels near the averages that have been known since the 1950s); whoever is shorter has all of them
higher. Durations, levels and accents were adjusted until a network that had heard only these words read recorded ones
well, and until the mean spectrogram of each word looked like that of recorded ones.
"""

from typing import NamedTuple

NASAL = 270.0  # Hz: the pole of the nose; a zero of the same frequency cancels it


class Sound(NamedTuple):
    """What the mouth does for one sound.

    Args:
        formants: first to third resonance (Hz).
        seconds: that it lasts where a word takes its ordinary time.
        glide: seconds over which the resonances move to it from the sound before.
        voicing: amplitude of the vocal folds.
        breath: amplitude of the noise at the open glottis, which the whole tract shapes.
        noise: amplitude of the noise at a narrow place, which only the part before it shapes.
        peak: Hz where that noise is strongest.
        spread: Hz that the noise's peak is wide.
        flat: share of the noise that no cavity shapes.
        zero: Hz that the nose takes away; `NASAL` for sounds of the mouth.
        widening: factor of the resonances' widths: an open nose or glottis damps them.
    """

    formants: tuple[float, float, float]
    seconds: float
    glide: float = 0.04
    voicing: float = 1.0
    breath: float = 0.0
    noise: float = 0.0
    peak: float = 3000.0
    spread: float = 1000.0
    flat: float = 0.0
    zero: float = NASAL
    widening: float = 1.0


SOUNDS = {
    # vowels, and the two ends of diphthongs
    "i": Sound((295, 2090, 2720), 0.15, 0.09),
    "I": Sound((410, 1900, 2530), 0.08, 0.05),
    "e": Sound((490, 1850, 2550), 0.12, 0.05),
    "E": Sound((560, 1750, 2500), 0.12, 0.05),
    "a": Sound((740, 1280, 2500), 0.12, 0.05),
    "V": Sound((640, 1140, 2450), 0.12, 0.10),
    "A": Sound((690, 1080, 2450), 0.12, 0.07),
    "@": Sound((480, 1450, 2450), 0.06, 0.05),
    "O": Sound((520, 860, 2450), 0.16, 0.06),
    "o": Sound((480, 900, 2400), 0.13, 0.12),
    "u": Sound((320, 880, 2250), 0.13, 0.07),
    "U": Sound((330, 1350, 2250), 0.13, 0.10),
    "3": Sound((490, 1280, 1720), 0.08, 0.06),
    "y": Sound((320, 1700, 2200), 0.13, 0.10),
    "-i": Sound((355, 2070, 2630), 0.11, 0.12),
    "-e": Sound((460, 1850, 2550), 0.10, 0.12),
    "-u": Sound((380, 850, 2300), 0.10, 0.12),
    "-r": Sound((440, 1180, 1650), 0.11, 0.12),
    "-@": Sound((530, 1180, 2400), 0.09, 0.12),
    # approximants
    "j": Sound((300, 2100, 2800), 0.03, 0.04, 0.8),
    "w": Sound((320, 680, 2250), 0.05, 0.03, 0.4),
    "r": Sound((400, 1120, 1620), 0.06, 0.11, 0.7),
    "4": Sound((430, 1200, 2400), 0.07, 0.10, 0.8),
    "L": Sound((430, 1350, 2300), 0.025, 0.02, 0.15),
    "R": Sound((470, 1120, 2450), 0.05, 0.04, 0.5, 0.1, 0.04, 1250, 600),
    # nasals
    "n": Sound((480, 1600, 2520), 0.08, 0.06, 0.8, zero=480, widening=1.4),
    # fricatives
    "f": Sound((350, 1050, 2300), 0.10, 0.05, 0.0, 0.03, 0.025, 3000, 2500, 0.7),
    "v": Sound((290, 1100, 2250), 0.05, 0.05, 0.5, 0.03, 0.015, 3000, 2500, 0.7, widening=1.6),
    "T": Sound((350, 1400, 2600), 0.07, 0.05, 0.0, 0.03, 0.03, 3400, 1800, 0.5),
    "s": Sound((350, 1650, 2600), 0.09, 0.04, 0.0, 0.02, 0.13, 3800, 900, 0.10),
    "z": Sound((270, 1650, 2600), 0.09, 0.04, 0.35, 0.02, 0.07, 3800, 900, 0.10, widening=1.6),
    # stops: the closed mouth, the burst, the breath until the vocal folds sound again
    ".": Sound((300, 1700, 2600), 0.06, 0.04, 0.0),
    ".d": Sound((250, 1700, 2600), 0.04, 0.04, 0.15, widening=2.0),
    ".k": Sound((300, 2200, 2400), 0.06, 0.08, 0.0),
    "t": Sound((350, 1750, 2650), 0.02, 0.02, 0.0, 0.1, 0.2, 3400, 1500, 0.25),
    "S": Sound((330, 1800, 2500), 0.04, 0.03, 0.0, 0.1, 0.2, 2700, 1000, 0.15),
    "k": Sound((330, 2050, 2380), 0.025, 0.02, 0.0, 0.1, 0.20, 1850, 450, 0.08),
    "h": Sound((400, 1500, 2450), 0.04, 0.03, 0.05, 0.5),
}
BURSTS = frozenset("tkS")  # the noises of stops that open

PRONUNCIATIONS: dict[str, tuple[tuple[float, str], ...]] = {
    "zero": (
        (3, "z I r o -u"), (3, "z i r o -u"), (1, "z i L o"), (1, "z i R o"), (1.5, "s i r o -u"), (1, "s I r o"),
        (1, "z I r O"), (0.7, "z i R O"), (1.5, "z i 4 o"), (0.7, "s i 4 o -u"),
        (0.7, ".d z e r o"), (0.7, "z e L o"), (0.7, "z i -@ r o"),
    ),
    "one": ((4, "w V n"), (2, "w A n"), (0.7, "v V n"), (1.2, "w O n"), (0.5, "w @ V n")),
    "two": (
        (2, "t h u"), (2, "t h U -u"), (1, "t S u"), (1, "t u"), (1, "h u"), (3, "t h j U"), (2, "t h j u"),
        (2, "t S j U -u"), (2, "t s h j U"), (1, "t S h j U"), (1, "t j U -u"), (0.7, "t h j y"), (0.7, "t h y -u"),
        (1.5, "t U o -u"), (1, "t U u"),
    ),
    "three": (
        (4, "T r i"), (3, "T r r i"), (2, "T 3 i"), (0.7, "f 3 i"), (1, "s r i"), (1, "f r i"), (1, "T L i"),
        (1, "s R i"), (0.7, "t r i"), (0.7, "t h r i"), (1, "s L i"), (1, "T .d L i"), (1.5, "T .d i"), (0.7, "t L i"),
        (1, "T r I -i"), (1.5, "T L I -i"), (1, "t .d L I -i"), (3, "T I L I -i"), (1.5, "t I L i"), (3, "T 4 i"),
        (1, "f 4 i"), (1, "s 4 i"),
    ),
    "four": (
        (3, "f O -r"), (2, "f o -r"), (3, "f O"), (1.5, "f O -@"), (0.7, "f o L"), (1, "f O -@ L"), (0.7, "f O R"),
    ),
    "five": (
        (3, "f a -i v"), (2, "f a -i f"), (1, "f A -i v"), (1, "f a -e f"), (1, "f a -i"), (0.7, "f V -i v"),
        (1, "f O -i v"), (0.7, "f A -i"),
    ),
    "six": (
        (5, "s I .k k s"), (2, "s i .k k s"), (1, "z I .k k s"), (1, "s I .k s"), (1.5, "s I .k k"),
        (1.2, "s E .k k s"), (0.7, "s e .k k"), (0.7, "s e .k k s"),
    ),
    "seven": (
        (4, "s E v @ n"), (2, "s E v n"), (1, "s E w @ n"), (1, "s e v E n"), (1, "z E v @ n"), (0.7, "s E f @ n"),
    ),
    "eight": (
        (4, "e -i ."), (3, "e -i . t h"), (1.5, "E -i . t"), (1, "e . t h"), (1.5, "E -i ."), (0.7, "e -i . t S"),
        (0.5, "h e -i . t"),
    ),
    "nine": (
        (4, "n a -i n"), (2, "n A -i n"), (1, "n a -e n"), (0.7, "n V -i n"), (0.5, "n a -i n @"), (1.5, "n O -i n"),
        (1, "n A -e n"),
    ),
}  # fmt: skip
"""Each word: how common each way of saying it is, and its sounds.

`h` has the mouth of the sound that follows, and the second end of a diphthong (`-i`) is reached more or less, as the
speaker is used to. Beside the usual ways stand those of people whose first language is German, French or Greek, and
those that are left when a recording is cut too tightly.
"""
