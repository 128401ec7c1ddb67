"""Keeps pages on disk until their window is whole, so that a run that was killed goes on where it stopped.

`.fetching/<hash of the request>/page-00001.body` and, once that is whole, `page-00001.json` with what was said of it.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

SPOOL = ".fetching"
# Cursors expire and pages move: older ones would be joined with what is no longer their continuation
LONGEST_KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Spooled:
    """One page on disk: `url` (without credentials) is where relative links start; `fetched_at` is in UTC."""

    number: int
    sha256: str
    bytes: int
    url: str
    link: str | None
    etag: str | None
    last_modified: str | None
    is_empty: bool
    is_json: bool
    is_lines: bool
    fetched_at: str


class Spool:
    """The pages of one request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.was_old = False

    def body(self, number: int) -> Path:
        return self.folder / f"page-{number:05}.body"

    def keep(self, page: Spooled) -> None:
        """A page counts once this is done."""
        path = self.folder / f"page-{page.number:05}.json"
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(page), sort_keys=True), "utf-8")
        beside.replace(path)

    def pages(self, now: datetime) -> Iterator[Spooled]:
        """Whole pages from the first on, as far as they follow one another; what is too old is thrown away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while (page := self._read(number)) is not None:
            if number == 1 and not timedelta(0) <= now - datetime.fromisoformat(page.fetched_at) <= LONGEST_KEPT:
                self.was_old = True
                self.clear()
                return
            yield page
            number += 1

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, number: int) -> Spooled | None:
        """None where the page is not there, was cut off, or is not what was said of it."""
        try:
            page = Spooled(**json.loads((self.folder / f"page-{number:05}.json").read_text("utf-8")))
            datetime.fromisoformat(page.fetched_at)
            with self.body(number).open("rb") as stream:
                is_whole = hashlib.file_digest(stream, "sha256").hexdigest() == page.sha256
        except (OSError, ValueError, TypeError):
            return None
        return page if is_whole and page.number == number else None


def sweep(home: Path, wanted: set[str]) -> int:
    """Throw away what was fetched for requests nobody makes any more; returns how many."""
    folders = [path for path in (home / SPOOL).glob("*") if path.is_dir() and path.name not in wanted]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(folders)
