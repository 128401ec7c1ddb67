"""Reading YAML into models: every mistake is named with its line."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.yaml_files import Frozen, read_model


class Part(Frozen):
    size: int


class Thing(Frozen):
    name: str
    parts: tuple[Part, ...] = ()
    null: tuple[str, ...] = ()


def read(tmp_path: Path, text: str | bytes) -> Thing:
    path = tmp_path / "thing.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_model(path, Thing, "thing.yml")


def mistakes(tmp_path: Path, text: str | bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    return [str(one) for one in caught.value.mistakes]


def test_a_file_becomes_its_model(tmp_path: Path) -> None:
    assert read(tmp_path, "name: box\nparts:\n  - {size: 1}\n") == Thing(name="box", parts=(Part(size=1),))


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfname: box\n").name == "box"


def test_a_key_called_null_is_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "name: box\nnull: ['-']\n").null == ("-",)


@pytest.mark.parametrize(
    "text",
    [
        "name: box\nparts: [&a {size: 1}, {<<: *a}, {<<: *a, size: 2}, {size: 2, <<: *a}]\n",
        "name: box\nparts: [&a {size: 1}, &b {<<: *a}, {<<: *b, size: 2}, {<<: [{size: 2}, *b]}]\n",
        # What is merged first may itself be merged and written anew
        "<<: {parts: [&b {<<: &a {size: 1}}, *a, {<<: *b, size: 2}, {<<: *a, size: 2}], name: crate}\nname: box\n",
    ],
)
def test_what_is_merged_stands_unless_it_is_written_anew(tmp_path: Path, text: str) -> None:
    sizes = (1, 1, 2, 2)
    assert read(tmp_path, text) == Thing(name="box", parts=tuple(Part(size=size) for size in sizes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: box\nnmae: crate\n", ["thing.yml, line 2, nmae: this key is not known"]),
        ("parts: []\n", ["thing.yml, line 1, name: this key is missing"]),
        ("name: box\nparts:\n  - {size: 1}\n  - {size: big}\n", ["thing.yml, line 4, parts.1.size: "]),
        ("name: 3\nparts:\n  - {size: big}\n", ["thing.yml, line 1, name: ", "thing.yml, line 3, parts.0.size: "]),
        ("name: box\nname: crate\n", ["thing.yml, line 2: this is not valid YAML; found the key 'name' stands twice"]),
        ("name: box\nparts:\n  - &a {size: 1}\n  - {<<: *a, <<: *a}\n", ["thing.yml, line 4: this is not valid YAML; found the key '<<' stands twice"]),
        ("name: box\nparts:\n  - &a {size: 1}\n  - {<<: *a, size: 2, size: 3}\n",
         ["thing.yml, line 4: this is not valid YAML; found the key 'size' stands twice"]),
        ("name: box\nparts:\n  - &a {size: big}\n  - {<<: *a}\n", ["thing.yml, line 3, parts.0.size: ", "thing.yml, line 3, parts.1.size: "]),
        ("name: box\nparts:\n  - &a {size: 1}\n  - {<<: *a, sise: 2}\n", ["thing.yml, line 4, parts.1.sise: this key is not known"]),
        ("name: box\nparts:\n  - {<<: 3}\n", ["thing.yml, line 3: this is not valid YAML; found expected a mapping"]),
        ("name: box\nparts:\n  - {<<: *a}\n", ["thing.yml, line 3: this is not valid YAML; found undefined alias"]),
        ("name: box\nparts: &p\n  - *p\n", ["thing.yml, line 2: this is not valid YAML; found unconstructable recursive node"]),
        ("name: [box\n", ["thing.yml, line 2: this is not valid YAML"]),
        ("- box\n", ["thing.yml: the file holds no settings"]),
        ("", ["thing.yml: the file holds no settings"]),
        (b"name: caf\xe9\n", ["thing.yml: the file is not UTF-8; found byte 9"]),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(tmp_path: Path, text: str | bytes, expected: list[str]) -> None:
    found = mistakes(tmp_path, text)
    assert len(found) == len(expected)
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(start)


def test_a_value_of_the_wrong_type_is_shown(tmp_path: Path) -> None:
    assert "found 'big'" in mistakes(tmp_path, "name: box\nparts: [{size: big}]\n")[0]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.yml: the file does not exist; to do: create it"):
        read_model(tmp_path / "gone.yml", Thing, "gone.yml")


def test_a_folder_in_the_place_of_a_file_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the file cannot be read"):
        read_model(tmp_path, Thing)
