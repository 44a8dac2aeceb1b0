"""What convolutional image models share: halved sizes, filling."""

Shape = tuple[int, int]


def quarter(shape: Shape) -> Shape:
    """Rows and columns after halving twice, rounded up."""
    return -(-shape[0] // 4), -(-shape[1] // 4)


def filling(shape: Shape) -> tuple[int, int, int, int]:
    """Zeros to the left, to the right, above and below that make both sizes multiples of 4."""
    return 0, -shape[1] % 4, 0, -shape[0] % 4
