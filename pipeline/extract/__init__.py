"""Landing deliveries: files as a vendor exports them become immutable Parquet of untouched text.

Here belong finding files, reading their dialect and structure, and refusing what cannot be read whole.
What the text means (null, number, date, key, entity) does not: that is the clean stage's.
"""

from pipeline.extract.files import Found, discover
from pipeline.extract.landing import LandingResult, Refusal, land, land_found
from pipeline.extract.load_file import Delivery, SchemaChange, changes_of, landed
from pipeline.extract.totals import total_mistakes

__all__ = [
    "Delivery",
    "Found",
    "LandingResult",
    "Refusal",
    "SchemaChange",
    "changes_of",
    "discover",
    "land",
    "land_found",
    "landed",
    "total_mistakes",
]
