"""Which columns tell one person from another: the personal ones of each contract, and the ids people are counted by."""

import re
from collections.abc import Iterable

from pipeline.contracts import Contract, Contracts


def id_columns(contracts: Contracts) -> frozenset[str]:
    """Names of columns that hold the id of a person, in whatever entity they stand.

    Those are what entities count people by (`tracks`), and the key of an entity that has personal columns.
    """
    keys = {contract.key[0] for contract in contracts.values() if _is_about_people(contract)}
    return lasting_ids(contracts) | keys


def lasting_ids(contracts: Contracts) -> frozenset[str]:
    """Those a person is known by for longer than one event: tracked ids, and keys of entities without a date."""
    tracked = {name for contract in contracts.values() for name in _tracked(contract)}
    listed = {one.key[0] for one in contracts.values() if _is_about_people(one) and not one.dated_by}
    return frozenset(tracked | listed)


def _is_about_people(contract: Contract) -> bool:
    """Whether the key names a person: of entities that merely say who wrote or does something it does not."""
    return len(contract.key) == 1 and any(one.personal not in (None, "publish") for one in contract.columns.values())


def _tracked(contract: Contract) -> Iterable[str]:
    words = {word for sql in contract.tracks.values() for word in re.findall(r"\w+", sql)}
    return words & set(contract.columns)


def is_needed(contract: Contract, column: str) -> bool:
    """Whether a row without this value would not be one: an erased person leaves a stand-in there."""
    return contract.columns[column].required or column in contract.key
