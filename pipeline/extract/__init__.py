"""Landing deliveries: files as a vendor exports them become immutable Parquet of untouched text.

Here belong finding files, reading their dialect and structure, and refusing what cannot be read whole.
What the text means (null, number, date, key, entity) does not: that is the clean stage's.
"""

from pipeline.extract.landing import LandingResult, Refusal, land
from pipeline.extract.load_file import Delivery, landed

__all__ = ["Delivery", "LandingResult", "Refusal", "land", "landed"]
