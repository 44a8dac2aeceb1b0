"""Named random streams: what happens at step s is a function of (seed, stream name, s) alone.

So resuming needs no generator state, and an evaluation or a preview can't change training.
"""

import hashlib


def derive_seed(seed: int, stream: str, step: int) -> int:
    """A 63-bit seed for one step of one stream, from BLAKE2b over the three values."""
    digest = hashlib.blake2b(f"{seed}/{stream}/{step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
