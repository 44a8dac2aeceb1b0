"""How many standard errors may be chance: two, or as many more as Student's t has where the error is known by few."""

CHANCE = 2.0  # standard errors: what differs by no more may be chance
# The same by degrees of freedom, where the error is that of a few trainings, speakers or blocks: as rarely as 2 of a
# normal distribution (4.55 %), Student's t is beyond these.
OF_FEW = {1: 13.97, 2: 4.53, 3: 3.31, 4: 2.87, 5: 2.65, 6: 2.52, 7: 2.43, 8: 2.37, 9: 2.32, 10: 2.28}
NORMAL = 1.96  # deviations of a normal distribution, to either side: 95 %
MANY = 100  # degrees of freedom: Student's t is within 2 % of the normal distribution's
FREEDOM = "degrees_of_freedom"  # what they are called beside a standard error in records


def errors_of_chance(freedom: int) -> float:
    """So many standard errors may be chance, of an error that is known by some degrees of freedom; 0: by many.

    Beyond `OF_FEW` it is the expansion of Student's t in 1 / v at two deviations (Abramowitz and Stegun 26.7.5).

    >>> [round(errors_of_chance(freedom), 2) for freedom in (2, 10, 11, 19, 0)]
    [4.53, 2.28, 2.25, 2.14, 2.0]
    """
    if freedom == 0 or freedom in OF_FEW:
        return OF_FEW.get(freedom, CHANCE)
    return CHANCE + 2.5 / freedom + 3.0625 / freedom**2


def deviations(freedom: int) -> float:
    """Standard errors to either side of a 95 % interval, of an error that is known by some degrees of freedom.

    Of few it is the normal distribution's by as much as `errors_of_chance` is 2: of 9 or more half a hundredth wider
    than Student's t at most.

    >>> round(deviations(0), 2), round(deviations(9), 2)
    (1.96, 2.27)
    """
    return NORMAL * errors_of_chance(freedom) / CHANCE


def fewest(*freedoms: int) -> int:
    """The degrees of freedom of an error that has several parts: the fewest, as 0 stands for many.

    >>> fewest(0, 9, 4), fewest(0, 0)
    (4, 0)
    """
    return min((freedom for freedom in freedoms if freedom > 0), default=0)


def known_by(freedom: int) -> dict[str, int]:
    """Degrees of freedom for a record that has a standard error; nothing where they are many."""
    return {FREEDOM: freedom} if 0 < freedom < MANY else {}


def within_told(freedom: int) -> str:
    """How near numbers lie that can't be told apart.

    >>> within_told(0), within_told(9)
    ('two standard errors', "2.32 standard errors (Student's t, 9 degrees of freedom)")
    """
    if not known_by(freedom):
        return "two standard errors"
    degrees = f"{freedom} degree{'s' * (freedom > 1)} of freedom"
    return f"{errors_of_chance(freedom):.2f} standard errors (Student's t, {degrees})"
