"""The mapping between characters (or bytes) and ids, in the order of their code points."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from genmodels.data.text.surrogates import joined
from genmodels.errors import DataError, RunError
from genmodels.telling import counted

Ids = NDArray[np.integer[Any]]
UNKNOWN = -1
_CODE_POINTS = 0x110000


def shown(character: str) -> str:
    """A character as it may be named in a message: printable, in quotes."""
    return ascii(character) if not character.isprintable() else repr(character)


@dataclass(frozen=True)
class Vocabulary:
    """The characters a model knows; a character's id is its place.

    Args:
        characters: one string of all characters, each once; None means the 256 byte values.
    """

    characters: str | None

    @classmethod
    def of_bytes(cls) -> Self:
        """The 256 byte values."""
        return cls(None)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read back what `to_json` wrote.

        Raises:
            RunError: not a vocabulary.
        """
        if value is not None and (
            not isinstance(value, list)
            or not all(isinstance(c, int) and 0 <= c < _CODE_POINTS for c in value)
            or len(set(value)) != len(value)
        ):
            raise RunError("the vocabulary of the checkpoint is damaged", "restore it from a copy.")
        return cls(None if value is None else "".join(map(chr, value)))

    def to_json(self) -> list[int] | None:
        """Code points; escapes in characters and lone surrogates can't hurt the file."""
        return None if self.characters is None else [ord(c) for c in self.characters]

    @property
    def is_bytes(self) -> bool:
        """Whether ids are byte values."""
        return self.characters is None

    @property
    def symbol(self) -> str:
        """What an id stands for, as sentences name it: a byte or a character."""
        return "byte" if self.is_bytes else "character"

    def __len__(self) -> int:
        return 256 if self.characters is None else len(self.characters)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest unsigned type that holds every id: uint8, uint16 or uint32."""
        return np.dtype(np.min_scalar_type(len(self) - 1))

    @cached_property
    def _id_of_code_point(self) -> NDArray[np.int64]:
        table = np.full(_CODE_POINTS, UNKNOWN, dtype=np.int64)
        table[self._code_points] = np.arange(len(self))
        return table

    @cached_property
    def _code_points(self) -> NDArray[np.uint32]:
        return code_points(self.characters or "")

    def encode_or_mark(self, text: str) -> NDArray[np.int64]:
        """Ids of a text, -1 for each character that is not in the vocabulary."""
        if self.characters is None:
            return np.frombuffer(text.encode("utf-8", "surrogateescape"), dtype=np.uint8).astype(np.int64)
        return np.take(self._id_of_code_point, code_points(text))

    def _refuse_halves(self, text: str, what: str) -> None:
        """Halves of characters that no byte stands for."""
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            seen = f"{what} has half a character, {text[error.start]!a}, at {error.start}"
            raise DataError(seen, "leave it out, or give the other half too.") from error

    def encode(self, text: str, what: str, unknown: str = "error") -> NDArray[np.int64]:
        """Ids of a text.

        Args:
            text: any text.
            what: how a message names it, e.g. "the prompt".
            unknown: "error", or "skip" to leave unknown characters out.

        Raises:
            DataError: a character is not in the vocabulary and `unknown` is "error", or is only half of one.
        """
        text = joined(text)
        if self.characters is None:
            self._refuse_halves(text, what)
        ids = self.encode_or_mark(text)
        missing = ids == UNKNOWN
        if unknown == "error" and missing.any():
            unknown_ones = {text[i] for i in np.flatnonzero(missing)}
            raise unknown_characters(what, unknown_ones, len(self), some_known=not missing.all())
        known: NDArray[np.int64] = ids[~missing]
        return known

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; bytes that are not UTF-8 become U+FFFD."""
        if self.characters is None:
            return bytes(ids).decode("utf-8", errors="replace")
        return "".join([self.characters[i] for i in ids])

    def meaning_of(self, ids: Ids) -> NDArray[np.uint32]:
        """What ids stand for, whatever their numbers: code points of characters, or byte values; shape (len(ids),)."""
        return ids.astype(np.uint32) if self.is_bytes else self._code_points[ids]

    def one_by_one(self, ids: Iterable[int]) -> str:
        """One character for each id, so that positions agree; a byte is shown as Latin-1."""
        if self.characters is None:
            return np.fromiter(ids, dtype=np.uint8).tobytes().decode("latin-1")
        return self.decode(ids)

    def readable(self, symbols: str) -> str:
        """What people read in characters of `one_by_one`; bytes that are not UTF-8 become U+FFFD, as in `decode`."""
        return symbols.encode("latin-1").decode("utf-8", "replace") if self.is_bytes else symbols

    def exact(self, symbols: str) -> str:
        """The text of those characters that `encode` makes their ids of again, whatever the bytes are."""
        return symbols.encode("latin-1").decode("utf-8", "surrogateescape") if self.is_bytes else symbols

    def extended(self, text_characters: Iterable[str]) -> Self:
        """This vocabulary with new characters appended, so that every old id keeps its meaning."""
        if self.characters is None:
            return self
        new = sorted(set(text_characters) - set(self.characters))
        return type(self)(self.characters + "".join(new))


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of a text, shape (len(text),)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def unknown_characters(what: str, characters: Iterable[str], size: int, *, some_known: bool) -> DataError:
    """The error that names characters outside the vocabulary.

    Args:
        what: has them, as a message names it; an option that knows no --unknown by its name.
        characters: they.
        size: of the vocabulary.
        some_known: whether anything is left without them.
    """
    ordered = sorted(characters)
    names = ", ".join(shown(c) for c in ordered[:8]) + (" and more" if len(ordered) > 8 else "")
    verb = "is" if len(ordered) == 1 else "are"
    otherwise = (
        f", or leave {what} out" if what.startswith("--") else
        ", or --unknown skip (in Python unknown='skip') to leave the others out" if some_known else
        "; without these nothing is left"
    )  # fmt: skip
    return DataError(
        f"{names} in {what} {verb} not in the vocabulary of the run ({counted(size, 'character')})",
        f"use only characters of the training text{otherwise}.",
    )
