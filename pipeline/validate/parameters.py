"""Fills {$PARAMETER: name} in a rule's arguments, Great Expectations' own notation for values known at run time."""

from collections.abc import Mapping
from typing import Any

from pipeline.errors import UserError

KEY = "$PARAMETER"


def fill(value: Any, parameters: Mapping[str, list[str]], where: str) -> Any:
    """The value with every parameter replaced; raises UserError naming the place where one is not known."""
    if isinstance(value, dict):
        if set(value) == {KEY}:
            return list(_known(value[KEY], parameters, where))
        return {name: fill(one, parameters, where) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [fill(one, parameters, where) for one in value]
    return value


def is_parameter(value: Any) -> bool:
    return isinstance(value, dict) and KEY in value


def _known(name: Any, parameters: Mapping[str, list[str]], where: str) -> list[str]:
    if name not in parameters:
        known = ", ".join(sorted(parameters)) or "none"
        raise UserError(
            "the rule names a parameter that nobody gives",
            where=where,
            found=str(name),
            expected=known,
            action="correct its name in the contract",
        )
    return parameters[name]
