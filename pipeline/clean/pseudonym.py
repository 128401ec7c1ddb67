"""Pseudonyms: HMAC-SHA256 of a text under the company's key, written as one SQL expression over a column."""

import hashlib

from pipeline.clean.sql import text

_BLOCK = 64


def pseudonym_sql(value: str, key: str) -> str:
    """SQL of the pseudonym (64 hex digits, RFC 2104) of a text expression; null where it is null or there is no key.

    DuckDB has no HMAC, so its definition is written out: the key only stands in the two pads, which are constants.
    """
    if not key:
        return "cast(null as VARCHAR)"
    inner, outer = (f"unhex({text(_pad(key.encode(), byte))})" for byte in (0x36, 0x5C))
    return f"sha256({outer} || unhex(sha256({inner} || encode({value}))))"


def key_print(key: str) -> str:
    """What tells one key from another without telling the key; empty where there is none."""
    return hashlib.sha256(b"ops-summary pseudonym key\0" + key.encode()).hexdigest()[:16] if key else ""


def _pad(key: bytes, byte: int) -> str:
    """Hex of the key, hashed where it is longer than a block, filled up to a block and xored with the byte."""
    short = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    return bytes(one ^ byte for one in short.ljust(_BLOCK, b"\0")).hex()
