"""What the words of a page mean, each in a line for somebody who has not met it; the page keeps those that it uses."""

from typing import NamedTuple


class Word(NamedTuple):
    """A word of a page.

    Args:
        name: as the list shows it.
        pattern: of it in a text, a regular expression without regard to case; "" where it is the name.
        meaning: in at most 20 words.
    """

    name: str
    pattern: str
    meaning: str

    @property
    def found_by(self) -> str:
        """The pattern."""
        return self.pattern or self.name

    @property
    def anchor(self) -> str:
        """Where a link finds it.

        >>> Word("active dimension", "active dimensions?", "").anchor
        'word-active-dimension'
        """
        return f"word-{self.name.lower().replace(' ', '-')}"


WORDS = (
    Word(
        "active dimension",
        "active dimensions?",
        "a number of the code whose mean differs from image to image, with a variance above 0.01.",
    ),
    Word("binarised", "binarised", "each pixel made black or white, so that a light one is more likely to be white."),
    Word("bits", "bits?", "a measure of information: one bit answers one question of yes or no; it is 0.69 nats."),
    Word(
        "CNN",
        "(?:gated-)?cnn|pixelcnn",
        "convolutional network: it looks for the same small patterns everywhere in a picture.",
    ),
    Word("code", "codes?", "the few numbers that an image is squeezed into, or drawn from."),
    Word(
        "CRNN",
        "",
        "convolutional recurrent network: it looks for patterns, then reads them one column after the other.",
    ),
    Word("DCGAN", "", "a GAN whose networks look for, and draw, small patterns everywhere in a picture."),
    Word(
        "ELBO",
        "elbo",
        "evidence lower bound: the log-probability that the network gives an image is at least this; higher is better.",
    ),
    Word("epoch", "epochs?", "once through all training data; 0.25 of an epoch is a quarter of them."),
    Word(
        "GAN",
        "",
        "generative adversarial network: one network draws, another tells drawn from real; both learn from that game.",
    ),
    Word("gate", "gates?", "a number from 0 to 1 by which a unit lets something through, or not."),
    Word(
        "gradient",
        "gradients?",
        "how much a result changes when a number before it is changed a little; training follows it.",
    ),
    Word("greedy", "greedy", "taking whatever is likeliest at each place, without chance."),
    Word(
        "grey",
        "grey",
        "in shades between black and white; the setting --grey is for images in colour, which it turns grey.",
    ),
    Word("GRU", "gru", "gated recurrent unit: a recurrent network with gates, simpler than an LSTM."),
    Word("held-out", "held[- ]out", "kept from the network while it learned, so that it can't know it by heart."),
    Word(
        "kernel distance",
        "kernel distance",
        "how far drawn images lie from real ones, by what a classifier sees in them; 0 is none.",
    ),
    Word("KL", "kl", "Kullback-Leibler divergence: here, how much the code tells of an image, in nats."),
    Word("logit", "logits?", "a number that the network gives each choice; the higher, the likelier."),
    Word("loss", "loss", "what training makes small: how surprised the network is by what is right."),
    Word("LSTM", "(?:bi)?lstm", "long short-term memory: a recurrent network whose cells keep what its gates let in."),
    Word("MNIST", "mnist", "70,000 handwritten digits, 28 by 28 pixels, on which networks have long been compared."),
    Word("nats", "nats?", "a measure of information or surprise: one nat is 1.44 bits."),
    Word("nll", "nll", "negative log-likelihood, the loss: how surprised the network is by what is right."),
    Word(
        "perplexity",
        "perplexity",
        "among how many equally likely choices the network seems to waver; fewer are better.",
    ),
    Word("RNN", "rnn|recurrent", "recurrent network: it reads one thing after the other and keeps a state in between."),
    Word("step", "steps?", "one small change of the network's numbers, after looking at a few examples."),
    Word(
        "temperature",
        "temperature",
        "how daring a choice is: 0 takes the likeliest, 1 as the network says, more flattens that.",
    ),
    Word("test", "test", "of data kept from the network, on which it is measured once it has learned."),
    Word("VAE", "", "variational autoencoder: it squeezes an image into a code and draws it again from that."),
    Word("validation", "validation", "of data kept from the network, by which its best epoch is chosen."),
)


def spelled_out(name: str) -> str:
    """What an abbreviation stands for; "" where it is none that is known.

    >>> spelled_out("VAE"), spelled_out("pixel model")
    ('variational autoencoder', '')
    """
    return next((word.meaning.partition(":")[0] for word in WORDS if word.name == name), "")
