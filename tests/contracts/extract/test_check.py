"""`ops-summary check` reads the first rows of an export of any format, in place, and believes no total it cannot see."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.operate.check import configuration_mistakes, export_mistakes
from pipeline.operate.project import Project, load_project
from pipeline.settings import load_settings

COLUMNS = {"product_id": "id", "name": "title"}
ROWS = "".join(f"{number},产品 {number}\n" for number in range(1, 40_001))
TOTAL = {"pattern": "(\\d+) rows", "equals": "count(*)"}


def packed(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sub/products.csv", content)
    return out.getvalue()


# name: (file, content, export's options)
SOUND: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "text, cut before its footer": (
        "products.csv",
        ("of May: 40000 rows\nid,title\n" + ROWS + "end\n").encode("gb18030"),
        {"read": {"encoding": "gb18030", "header": ["id"], "footer": "^end"}, "totals": [TOTAL]},
    ),
    "UTF-16": ("products.csv", ("id,title\n" + ROWS).encode("utf-16"), {}),
    "archive": ("products.zip", packed(("id,title\n" + ROWS).encode()), {"members": "*/products*.csv"}),
    "lines of JSON": ("products.json.gz", gzip.compress(b'{"id": 1, "title": "x"}\n' * 20_000), {}),
    "a JSON document": ("products.json", b'{"data": [\n{"id": 1, "title": "x"}\n]}', {"read": {"records": "data"}}),
    "with its marker": ("products.csv", b"id,title\n1,x\n", {"done_marker": "{file}.done"}),
}


@pytest.mark.parametrize(("file", "content", "options"), SOUND.values(), ids=SOUND)
def test_a_sound_export_of_any_format_passes(
    tmp_path: Path, file: str, content: bytes, options: dict[str, Any]
) -> None:
    made = project(tmp_path, file, content, options)
    assert [str(one) for one in configuration_mistakes(made) + export_mistakes(made)] == []
    assert not (tmp_path / "data").exists()


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    made = project(tmp_path, "products.zip", packed(b"id,name\n1,x\n"), {})
    (mistake,) = export_mistakes(made)
    assert mistake.where == "products.zip/sub/products.csv"
    assert "name needs the column 'title'" in str(mistake)


def test_a_total_that_queries_is_told_before_any_file_is_opened(tmp_path: Path) -> None:
    total = TOTAL | {"equals": "(select count(*) from read_text('/etc/passwd'))"}
    (mistake,) = configuration_mistakes(project(tmp_path, "none.csv", b"", {"totals": [total]}))
    assert mistake.where == "./shop.yml, exports.products.totals"


def project(folder: Path, file: str, content: bytes, options: dict[str, Any]) -> Project:
    """A company whose one source delivers this one file."""
    (folder / "exports").mkdir()
    (folder / "exports" / file).write_bytes(content)
    export = {"files": "products*", "entities": {"finance.products": {"columns": COLUMNS}}} | options
    (folder / "shop.yml").write_text(yaml.safe_dump({"exports": {"products": export}}))
    said = {
        "company": {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR"},
        "headline": ["net_revenue"],
        "sources": {"shop": {"connector": "./shop.yml", "location": "exports"}},
    }
    (folder / "sources.yml").write_text(yaml.safe_dump(said))
    return load_project(load_settings(sources=folder / "sources.yml", data_dir=folder / "data", as_of="2031-04-01"))
