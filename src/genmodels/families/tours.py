"""The small trainings of each family that `genmodels tour` makes, with what is said before and after each.

Each has one thread: small networks gain little by a second one, and lose much where another program wants it.
"""

import math

from genmodels.family import Tour
from genmodels.telling import errors_told

TEXT_TOUR = Tour(
    told="A language model, an LSTM, reads the handbook of a programming language letter by letter, and guesses each "
    "time which letter comes next. Whoever can guess can write.",
    seconds=20.0,
    settings={"hidden_size": 128, "sample_length": 100, "threads": 1},
    result=lambda record: (
        "In text that it never saw it is on average as unsure as if "
        f"{math.exp(record['nll']):.1f} letters were equally likely."
    ),
)
VAE_TOUR = Tour(
    told="A variational autoencoder squeezes pictures of digits into eight numbers each and draws them again from "
    "these. Between the codes of two pictures lie pictures that nobody drew.",
    seconds=13.0,
    settings={"latent_size": 8, "channels": 12, "hidden_size": 128, "batch_size": 64, "threads": 1},
    result=lambda record: (
        "To tell somebody a picture that it never saw takes on average at most "
        f"{-record['elbo'] / math.log(2):.0f} bits with its help, and 784 without."
    ),
    dataset="digits",
)
PIXELRNN_TOUR = Tour(
    told="A PixelCNN draws digits pixel by pixel, row by row: of each it learns how likely ink is, given those above "
    "and to the left.",
    seconds=22.0,
    settings={"channels": 12, "layers": 4, "threads": 1},
    result=lambda record: (
        f"To tell a picture that it never saw takes on average {record['nll'] / math.log(2):.0f} bits with its help."
    ),
    dataset="digits",
)
GAN_TOUR = Tour(
    told="Two networks play against each other: one draws digits out of random numbers, the other learns to tell them "
    "from real ones. Before that a third one learns to recognise digits, to judge what is drawn.",
    seconds=20.0,
    settings={"channels": 12, "threads": 1},
    result=lambda record: (
        f"Of the ten digits, the network that judges finds {record['classes_present']:g} among what it draws; how well "
        "they are drawn this does not say."
    ),
    dataset="digits",
    before=10.0,
)
READER_TOUR = Tour(
    told="A network reads numbers of one or two digits: its memory runs along the picture, and nobody tells it where a "
    "digit begins.",
    seconds=29.0,
    settings={
        "channels": 8,
        "hidden_size": 48,
        "longest": 2,
        "warp": 0.0,
        "tested_strips": 60,
        "threads": 1,
        "learning_rate": 0.008,
        "batch_size": 8,
    },
    result=lambda record: (
        f"In numbers made of digits that it never saw it makes {errors_told(record['character_error_rate'], 'digit')}."
    ),
    dataset="digits",
)
SPEECH_TOUR = Tour(
    told="A network listens: out of the sound of 200 made-up voices it learns ten words, though nobody tells it when "
    "which is said.",
    seconds=29.0,
    settings={
        "model": "tdnn", "parameters": 10000, "longest": 2, "batch_size": 4, "speed": 1.0, "warp": 1.0, "dropout": 0.0,
        "learning_rate": 0.01, "warmup_steps": 20, "tested_utterances": 60, "threads": 1,
    },
    result=lambda record: (
        "In recordings that it never heard, of the same words, it makes "
        f"{errors_told(record['word_error_rate'], 'word')}."
    ),
    dataset="voices",
)  # fmt: skip
