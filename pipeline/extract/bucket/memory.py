"""What was fetched from a bucket before: which objects need not be fetched again, and what waits in the spool."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.connector import Read
from pipeline.extract.bucket.connection import Bucket
from pipeline.extract.bucket.download import spool_name
from pipeline.extract.bucket.listing import Object
from pipeline.extract.files import Found, content_hash
from pipeline.extract.landing import LandingResult
from pipeline.extract.load_file import Delivery, load_id_of

SPOOL, INDEX = ".fetching", ".fetched.json"


class Memory:
    """The deliveries each object of an export became, by a name that says bucket, key, ETag and size.

    An object is remembered once all of it has landed. One that was refused stays in the spool, so that it need not
    be fetched again to be refused again, until it is corrected or gone.
    """

    def __init__(self, home: Path, bucket: Bucket, listed: Sequence[Object]) -> None:
        self.spool = home / SPOOL
        self._path = home / INDEX
        self._names = {one.key: spool_name(bucket, one) for one in listed}
        self._listed = list(listed)
        self._loads: dict[str, list[str]] = {}
        self._there: set[str] = set()

    def recall(self, known: Sequence[Delivery], read: Read) -> list[Object]:
        """The objects to be fetched: new or changed ones, and those whose deliveries went or are now read otherwise."""
        current = {one.load_id for one in known if one.load_id == load_id_of(one.sha256, read)}
        remembered = self._read()
        self._loads = {
            name: remembered[name]
            for name in self._names.values()
            if remembered.get(name) and current.issuperset(remembered[name])
        }
        self._sweep()
        return [one for one in self._listed if self._names[one.key] not in self._loads]

    def settle(self, one: Object, found: Found, result: LandingResult) -> None:
        """Remember an object all of which has landed, and let its file go."""
        is_refused = any(_is_of(refusal.file, found) for refusal in result.refused)
        own = [d for d in result.deliveries if d.state == found.state or _is_of(d.file, found)]
        if not own and not is_refused:
            # Landed before, from an object of another name
            sha256 = content_hash(found)
            own = [delivery for delivery in result.deliveries if delivery.sha256 == sha256]
        self._there.update(delivery.load_id for delivery in own)
        if own and not is_refused:
            self._loads[self._names[one.key]] = [delivery.load_id for delivery in own]
            found.path.unlink()

    def load_ids(self) -> set[str]:
        """The deliveries of the objects that lie in the bucket now, of those refused in part too."""
        return self._there.union(*self._loads.values())

    def write(self) -> None:
        """Replace the file whole; it is no loss if it goes."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._loads, indent=0, sort_keys=True), "utf-8")
        draft.replace(self._path)

    def _read(self) -> dict[str, list[str]]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _sweep(self) -> None:
        """Remove from the spool what no listed object needs: of versions that are gone, or landed before a crash."""
        needed = set(self._names.values()) - set(self._loads)
        for path in self.spool.glob("*"):
            if path.stem not in needed:
                path.unlink()


def _is_of(file: str, found: Found) -> bool:
    """Whether a refused file is this one or stands inside it."""
    return file == found.file or file.startswith(f"{found.file}/")
