"""Exports that an endpoint hands out: asked page by page and window by window, fetched whole, then landed like a file.

Here belong talking HTTP, pages, windows, credentials and what was asked before. How an answer is read and landed does
not: that is landing's (pipeline/extract/landing.py); how an endpoint is described is pipeline/endpoint.py's.
"""

from pipeline.extract.http.ask import Clock
from pipeline.extract.http.client import Client, open_client
from pipeline.extract.http.land import land_endpoint
from pipeline.extract.http.turn import Asked
from pipeline.extract.http.windows import covered_spans

__all__ = ["Asked", "Client", "Clock", "covered_spans", "land_endpoint", "open_client"]
