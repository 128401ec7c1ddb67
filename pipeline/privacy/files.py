"""Files replaced whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file that every reader sees whole, old or new."""

    def write(half: Path) -> None:
        half.touch(mode=0o600)
        half.write_bytes(content)

    replace_whole(path, write, mode=mode)


def replace_whole(path: Path, write: Callable[[Path], object], *, mode: int | None = None) -> None:
    """Have `write` make a new file beside the old one, then put it in its place; the old one's rights are kept."""
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    try:
        write(half)
        half.chmod(mode if mode is not None else path.stat().st_mode & 0o777 if path.exists() else 0o644)
        _sync(half)
        half.replace(path)
        _sync(path.parent)
    finally:
        half.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
