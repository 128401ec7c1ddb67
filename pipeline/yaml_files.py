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


_MERGE = "tag:yaml.org,2002:merge"


class _Loader(_SafeLoader):  # type: ignore[misc, valid-type]
    """Safe YAML, but for a key written null: that is meant as the word, and YAML reads it as nothing."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    read = yaml.SafeLoader.construct_mapping(loader, node, deep=True)
    return {"null" if key is None else key: value for key, value in read.items()}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def _read_yaml(text: str) -> tuple[Any, yaml.Node | None]:
    """The data, and its nodes with what is merged (<<) in place; raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, None
        _refuse_equal_keys(loader, node, set())
        return loader.construct_document(node), node
    finally:
        loader.dispose()


def _refuse_equal_keys(loader: _Loader, node: yaml.Node, done: set[int]) -> None:
    """YAML silently keeps the last of two equal keys; a configuration must not. What is merged may be written anew."""
    if id(node) in done or not isinstance(node, yaml.CollectionNode):
        return
    done.add(id(node))
    seen: set[Any] = set()
    for item in node.value:
        if isinstance(item, yaml.Node):
            _refuse_equal_keys(loader, item, done)
            continue
        key_node, value = item
        key = key_node.value if key_node.tag == _MERGE else loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
        seen.add(key)
        _refuse_equal_keys(loader, value, done)


def read_model(path: Path, model: type[Model], shown_as: str | None = None) -> Model:
    """Read one file into one model; raises ConfigurationError with every mistake and its line."""
    shown = shown_as or str(path)
    text = _read_text(path, shown)
    try:
        data, node = _read_yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or str(error)).removeprefix("found ")
        where = f"{shown}, line {mark.line + 1}" if mark else shown
        raise ConfigurationError(
            [UserError("this is not valid YAML", where=where, found=problem, action="correct it")]
        ) from None
    except yaml.YAMLError as error:
        raise ConfigurationError([UserError("this is not valid YAML", where=shown, found=str(error))]) from None
    if not isinstance(data, dict):
        raise ConfigurationError([UserError("the file holds no settings", where=shown, expected="keys and values")])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(_mistakes(error, _lines(node), shown)) from None


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
    """Line of every key and list item, by its path; of what is merged, the line where it is written."""
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
