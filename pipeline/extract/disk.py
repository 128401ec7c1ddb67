"""Bytes that have reached the disk: a folder gets its name only then."""

import os
from pathlib import Path


def sync(folder: Path) -> None:
    """Write through every file of a folder, and the folder."""
    for path in folder.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Write through the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
