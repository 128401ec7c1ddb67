"""The recipe of a load: a hash of everything that decides what a landed row becomes.

Landed rows are the truth, so a delivery that was loaded with another recipe is loaded again, whatever it was that
changed: the contract, the connector, a parameter of a rule, the key of pseudonyms, or how the product casts.
"""

import hashlib
import json
from typing import Any

from pipeline.clean.candidate import mapped_sql, typed_sql
from pipeline.clean.outcome import LoadContext
from pipeline.clean.pseudonym import key_print
from pipeline.contracts import Contract
from pipeline.sources import Feed
from pipeline.warehouse import MACROS_SQL

_PARAMETER = "$PARAMETER"
# They say where a mistake is and whether a run goes on, never what a row is
_OUTSIDE = {"connector_file", "stops_on_failure"}


def recipe(contract: Contract, feed: Feed, context: LoadContext) -> str:
    """Sixteen hexadecimal digits; equal on every machine and in every process."""
    said = {
        "contract": contract.model_dump(mode="json"),
        "feed": feed.model_dump(mode="json", exclude=_OUTSIDE),
        "parameters": {name: sorted(context.parameters.get(name, ())) for name in sorted(_named(contract))},
        "pseudonym_key": key_print(context.pseudonym_key) if _is_pseudonymized(contract, feed) else "",
        "sql": typed_sql(mapped_sql("landed", feed), contract, feed, ""),
        "macros": MACROS_SQL.read_text(encoding="utf-8"),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _is_pseudonymized(contract: Contract, feed: Feed) -> bool:
    return any(contract.columns[name].personal == "pseudonymize" for name in feed.mapping.columns)


def _named(contract: Contract) -> set[str]:
    """Parameters the contract's rules name."""
    return {name for one in contract.expectations for name in _parameters(one.arguments)}


def _parameters(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [str(value[_PARAMETER])] if _PARAMETER in value else []
        return own + [name for one in value.values() for name in _parameters(one)]
    return [name for one in value for name in _parameters(one)] if isinstance(value, list | tuple) else []
