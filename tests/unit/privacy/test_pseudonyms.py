"""Pseudonyms are HMAC-SHA256: the vectors of RFC 4231, and Python's own for everything else."""

import hmac

import pytest

from pipeline.clean.pseudonym import key_print, pseudonym_sql
from pipeline.warehouse import memory_database

# Keys and data of RFC 4231, sections 4.2 to 4.8, that are texts
VECTORS = [
    ("\x0b" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    ("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
]
LONG_KEYS = ["k" * 63, "k" * 64, "k" * 65, "k" * 131, "schlüssel-密钥-0123456789"]


def hashed(key: str, value: str | None) -> object:
    with memory_database() as connection:
        row = connection.execute(f"select {pseudonym_sql('v', key)} from (select ?::varchar as v)", [value]).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(("key", "value", "expected"), VECTORS)
def test_the_vectors_of_the_standard(key: str, value: str, expected: str) -> None:
    assert hashed(key, value) == expected


@pytest.mark.parametrize("key", LONG_KEYS)
@pytest.mark.parametrize("value", ["", "a@example.org", "名字", "it's", "x" * 500])
def test_every_key_and_value_gives_what_the_standard_library_gives(key: str, value: str) -> None:
    assert hashed(key, value) == hmac.new(key.encode(), value.encode(), "sha256").hexdigest()


def test_nothing_stays_nothing_and_without_a_key_everything_is() -> None:
    assert hashed("k" * 20, None) is None
    assert hashed("", "a@example.org") is None


def test_the_key_is_not_told_by_what_tells_keys_apart() -> None:
    assert key_print("") == ""
    assert key_print("one key") != key_print("another key")
    assert "one" not in key_print("one key")
