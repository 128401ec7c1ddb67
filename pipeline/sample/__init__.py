"""The made-up company: exports of all its systems, with dirt on purpose and the truth about them.

Here belong generated rows and what is known of them; no row of a real company, no reading of files.
Loading and checking exports is the other stages' work: the sample knows nothing of them.
"""

from pipeline.sample.make import SampleResult, make_sample

__all__ = ["SampleResult", "make_sample"]
