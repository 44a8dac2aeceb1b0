"""What the words of a page mean, each in a line for somebody who has not met it; the page keeps those that it uses."""

import re
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
        >>> Word("D(G(z))", "", "").anchor
        'word-d-g-z'
        """
        return f"word-{re.sub('[^a-z0-9]+', '-', self.name.lower()).strip('-')}"


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
    Word("conv", "", "a network of convolutions: it looks for the same small patterns everywhere in a picture."),
    Word(
        "CRNN",
        "",
        "convolutional recurrent network: it looks for patterns, then reads them one column after the other.",
    ),
    Word(
        "D(x), D(G(z))",
        r"D\((?:x|G\(z\))\)",
        "what the discriminator D gives a real image x, and one drawn; the higher, the more real it looks.",
    ),
    Word("DCGAN", "", "a GAN whose networks look for, and draw, small patterns everywhere in a picture."),
    Word(
        "discriminator",
        "discriminators?",
        "the second network of a GAN, which learns to tell drawn images from real ones.",
    ),
    Word(
        "ELBO",
        "elbo",
        "evidence lower bound: the log-probability that the network gives an image is at least this; higher is better.",
    ),
    Word("epoch", "epochs?", "once through all training data; 0.25 of an epoch is a quarter of them."),
    Word("feedforward", "", "a network without memory: it sees a few letters before the next one, and nothing else."),
    Word("G(z)", r"G\(z\)", "the image that the generator G draws from a code z."),
    Word(
        "GAN",
        "",
        "generative adversarial network: one network draws, another tells drawn from real; both learn from that game.",
    ),
    Word("gate", "gates?", "a number from 0 to 1 by which a unit lets something through, or not."),
    Word("generator", "generators?", "the network of a GAN that draws images from codes."),
    Word(
        "geometric mean",
        "geometric mean",
        "of n numbers the n-th root of their product; the right mean of probabilities that are multiplied.",
    ),
    Word(
        "gradient",
        "gradients?",
        "how much a result changes when a number before it is changed a little; training follows it.",
    ),
    Word("great circle", "great circle", "the shortest way between two places on a sphere, along its surface."),
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
    Word(
        "KL",
        "kl(?! of the classes)",
        "Kullback-Leibler divergence: here, how much the code tells of an image, in nats.",
    ),
    Word(
        "KL of the classes",
        "kl of the classes(?: drawn)?",
        "how far the shares of the classes drawn are from those in the data, in nats; 0 is none.",
    ),
    Word("logit", "logits?", "a number that the network gives each choice; the higher, the likelier."),
    Word("loss", "loss", "what training makes small: how surprised the network is by what is right."),
    Word("LSTM", "(?:bi)?lstm", "long short-term memory: a recurrent network whose cells keep what its gates let in."),
    Word("MLP", "", "multilayer perceptron: in each layer every unit sees all numbers of the layer before."),
    Word("MMD²", "mmd²?", "maximum mean discrepancy, squared: the kernel distance."),
    Word("MNIST", "mnist", "70,000 handwritten digits, 28 by 28 pixels, on which networks have long been compared."),
    Word("nats", "nats?", "a measure of information or surprise: one nat is 1.44 bits."),
    Word("nll", "nll", "negative log-likelihood, the loss: how surprised the network is by what is right."),
    Word(
        "perplexity",
        "perplexity",
        "among how many equally likely choices the network seems to waver; fewer are better.",
    ),
    Word("precision", "precision", "of images drawn, the share that lies among real ones."),
    Word("recall", "recall", "of real images, the share that lies among those drawn."),
    Word("RNN", "rnn|recurrent", "recurrent network: it reads one thing after the other and keeps a state in between."),
    Word(
        "separation",
        "separation",
        "how well the discriminator tells drawn images from real ones; 0.5 is by chance, 1 always.",
    ),
    Word("step", "steps?", "one small change of the network's numbers, after looking at a few examples."),
    Word("TDNN", "", "time-delay neural network: each layer sees some moments around each moment, the last many."),
    Word(
        "temperature",
        "temperature",
        "how daring a choice is: 0 takes the likeliest, 1 as the network says, more flattens that.",
    ),
    Word("test", "test", "of data kept from the network, on which it is measured once it has learned."),
    Word("VAE", "", "variational autoencoder: it squeezes an image into a code and draws it again from that."),
    Word("validation", "validation", "of data kept from the network, by which its best epoch is chosen."),
    Word("window", r"window(?=[,)])", "a network that hears a short stretch of sound around each moment, and no more."),
)


def spelled_out(name: str) -> str:
    """What an abbreviation stands for; "" where it is none that is known.

    >>> spelled_out("VAE"), spelled_out("pixel model")
    ('variational autoencoder', '')
    """
    return next((word.meaning.partition(":")[0] for word in WORDS if word.name == name), "")
