"""Which versions are installed; nothing is imported to find out."""

import platform
from importlib import metadata

from genmodels import __version__
from genmodels.diagnosis.section import Fact, Section, plain

PACKAGES = ("torch", "torchvision", "numpy", "matplotlib", "typer", "rich", "safetensors", "pillow")


def versions() -> Section:
    """Of genmodels, Python, the system and the packages that genmodels needs."""
    python = f"{platform.python_version()} ({platform.python_implementation()})"
    packages = [_installed(name) for name in PACKAGES]
    missing = [fact.name for fact in packages if fact.value is None]
    return Section(
        "versions",
        [plain("genmodels", __version__), plain("python", python), plain("platform", platform.platform()), *packages],
        [f"not installed: {', '.join(missing)}; pip install genmodels brings them"] if missing else [],
    )


def _installed(name: str) -> Fact:
    try:
        return plain(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return plain(name, None, "not installed")
