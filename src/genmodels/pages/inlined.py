"""What makes a page one file that does nothing but what it was made for: data that end no script, and hashes."""

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.printable import printable

FOLDER = Path(__file__).parent / "page"
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end a script or begin a comment in HTML; in JSON all of it stands in texts alone."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it: bytes as base64, tuples as lists, what is no finite number as null, texts visible.

    Raises:
        TypeError: it holds something else.
    """
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [plain(one) for one in value]
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a page")


def page_json(value: Any) -> str:
    r"""A value as JSON that can stand in a script of a page, whatever texts are in it.

    >>> page_json({"text": "</script>", "loss": float("nan")})
    '{"text":"\\u003c/script\\u003e","loss":null}'
    """
    return json.dumps(plain(value), allow_nan=False, separators=(",", ":")).translate(_ESCAPED)


@dataclass(frozen=True)
class Inlined:
    """A script or a style in the page.

    Args:
        text: it.
    """

    text: str

    @property
    def source(self) -> str:
        """What the page's policy calls it: its hash."""
        digest = hashlib.sha256(self.text.encode("utf-8")).digest()
        return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def script(name: str) -> Inlined:
    """One of the scripts, by its name."""
    return Inlined((FOLDER / f"{name}.js").read_text(encoding="utf-8"))


def style(colours: Iterable[str]) -> Inlined:
    """The style, with the colour of each run."""
    own = "".join(f".run-{index} {{ --kind: {colour}; }}\n" for index, colour in enumerate(colours))
    return Inlined((FOLDER / "style.css").read_text(encoding="utf-8") + own)


def policy(scripts: Iterable[Inlined], styles: Iterable[Inlined]) -> str:
    """The Content-Security-Policy: what is inline, by its hash, and pictures and sounds in the file; nothing else."""
    return "; ".join([
        "default-src 'none'",
        f"script-src {' '.join(one.source for one in scripts)}",
        f"style-src {' '.join(one.source for one in styles)}",
        "img-src data:",
        "media-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ])  # fmt: skip


def data_uri(kind: str, content: bytes) -> str:
    """A file within the page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
