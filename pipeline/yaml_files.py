"""Reads YAML into frozen pydantic models, with the line of every mistake.

Here belongs what all configuration files share; what a file may say is in contracts.py and sources.py.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigurationError, UserError

Model = TypeVar("Model", bound=BaseModel)
Lines = dict[tuple[str | int, ...], int]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Frozen(BaseModel):
    """A configuration model: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# libyaml reads a hundred contracts in the time the pure Python reader takes for ten
_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_SafeLoader):  # type: ignore[misc, valid-type]
    """YAML silently keeps the last of two equal keys; a configuration must not."""


def _construct_unique(loader: _UniqueKeyLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
        seen.add(key)
    # A key written null is meant as the word; YAML reads it as nothing
    return {
        "null" if key is None else key: value
        for key, value in yaml.SafeLoader.construct_mapping(loader, node, deep=True).items()
    }


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_unique)


def read_model(path: Path, model: type[Model], shown_as: str | None = None) -> Model:
    """Read one file into one model; raises ConfigurationError with every mistake and its line."""
    shown = shown_as or str(path)
    text = _read_text(path, shown)
    try:
        data = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a safe loader, but for its keys
        lines = _lines(yaml.compose(text, Loader=_SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{shown}, line {mark.line + 1}" if mark else shown
        raise ConfigurationError(
            [UserError("this is not valid YAML", where=where, found=error.problem or str(error), action="correct it")]
        ) from None
    except yaml.YAMLError as error:
        raise ConfigurationError([UserError("this is not valid YAML", where=shown, found=str(error))]) from None
    if not isinstance(data, dict):
        raise ConfigurationError([UserError("the file holds no settings", where=shown, expected="keys and values")])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(_mistakes(error, lines, shown)) from None


def _read_text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(
            [UserError("the file does not exist", where=shown, action="create it or correct the path to it")]
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            [UserError("the file is not UTF-8", where=shown, found=f"byte {error.start}", action="save it as UTF-8")]
        ) from None
    except OSError as error:
        raise ConfigurationError(
            [UserError("the file cannot be read", where=shown, found=str(error.strerror))]
        ) from None


def _lines(node: yaml.Node | None, at: tuple[str | int, ...] = ()) -> Lines:
    """Line of every key and list item, by its path."""
    found: Lines = {at: node.start_mark.line + 1} if node is not None else {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*at, str(key.value))
            found |= _lines(value, path) | {path: key.start_mark.line + 1}
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            found |= _lines(item, (*at, index))
    return found


def _mistakes(error: ValidationError, lines: Lines, shown: str) -> list[UserError]:
    return [_mistake(dict(one), lines, shown) for one in error.errors(include_url=False)]


def _mistake(one: dict[str, Any], lines: Lines, shown: str) -> UserError:
    path = tuple(one["loc"])
    known = path
    while known and known not in lines:
        known = known[:-1]
    where = f"{shown}, line {lines.get(known, 1)}, {'.'.join(str(step) for step in path) or 'the whole file'}"
    if one["type"] == "extra_forbidden":
        return UserError("this key is not known", where=where, action="correct its name or remove it")
    if one["type"] == "missing":
        return UserError("this key is missing", where=where, action="add it")
    message = str(one["msg"]).removeprefix("Value error, ")
    return UserError(message, where=where, found=repr(one["input"])[:120])
