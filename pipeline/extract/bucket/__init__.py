"""Exports that lie in an S3-compatible bucket: what is new there is fetched whole, then landed like any file.

Here belong talking to the bucket, listing, downloading and remembering what was fetched. How a file is read and
landed does not: that is landing's (pipeline/extract/landing.py); where buckets are is said in sources.yml.
"""

from pipeline.extract.bucket.connection import Bucket, bucket_mistakes, bucket_of
from pipeline.extract.bucket.land import land_bucket

__all__ = ["Bucket", "bucket_mistakes", "bucket_of", "land_bucket"]
