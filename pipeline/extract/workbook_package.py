"""Opens a workbook (.xlsx) for reading: checks the ZIP archive it is, then finds the sheet that holds the export.

Only the parts that cells depend on are read. openpyxl's load_workbook reads more: properties and themes at which it
may fail, and every sheet that does not state its size, whole, to learn it.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet

from pipeline.errors import RefusedDelivery

# A full sheet of a million rows and twenty columns takes a gigabyte once unpacked, in a file a tenth as large
MOST_BYTES = 4 << 30
# Texts, styles and whatever else is no sheet are held in memory
MOST_HELD_BYTES = 512 << 20
MOST_PARTS = 10_000
UNSUSPICIOUS_BYTES = 256 << 20
MAX_RATIO = 250
_NOT_HELD = ("xl/worksheets/", "xl/pivotCache/", "xl/media/")
_STRICT = b"http://purl.oclc.org/ooxml/"
_RECALCULATES = re.compile(rb"<[^>]*calcPr[^>]*fullCalcOnLoad=[\"'](1|true)")
_IS_ENCRYPTED = 0x1


class Sheet(NamedTuple):
    """A sheet with cells, and the part of the archive that holds them."""

    title: str
    is_visible: bool
    part: str


class Package:
    """An open workbook. `is_recalculated` says that it asks for all formulas to be calculated when it is opened."""

    def __init__(self, reader: ExcelReader, file: str, is_recalculated: bool) -> None:
        self._reader, self._file, self.is_recalculated = reader, file, is_recalculated
        self.sheets = list(_sheets(reader))

    def sheet(self, name: str | None) -> Sheet:
        """The sheet of that name, or the first visible one; raises RefusedDelivery when there is none."""
        wanted = [sheet for sheet in self.sheets if _is_wanted(sheet, name)]
        if wanted:
            return wanted[0]
        raise RefusedDelivery(
            "the workbook has no such sheet",
            where=self._file,
            found=", ".join(repr(sheet.title) for sheet in self.sheets) or "no sheet with cells",
            expected=f"a sheet named {name!r}" if name else "a visible sheet",
            action="correct read.sheet in the connector, or have the sheet named as before",
        )

    def part(self, sheet: Sheet) -> IO[bytes]:
        """The XML of a sheet."""
        return self._reader.archive.open(sheet.part)

    # Any: what openpyxl knows of formats has no public names
    @property
    def workbook(self) -> Any:
        return self._reader.wb

    @property
    def texts(self) -> list[str]:
        """The texts that cells share."""
        return self._reader.shared_strings


@contextmanager
def opened_workbook(path: Path, file: str) -> Iterator[Package]:
    """Open a workbook; whatever goes wrong within, for it is damaged, is a RefusedDelivery."""
    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            # What openpyxl warns of (extensions, styles, validations) no cell's value depends on
            warnings.simplefilter("ignore")
            description = _checked(stream, file)
            # Given the stream: of a path openpyxl would judge the suffix
            reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
            with reader.archive:
                reader.read_manifest()
                reader.read_strings()
                reader.read_workbook()
                apply_stylesheet(reader.archive, reader.wb)
                yield Package(reader, file, bool(_RECALCULATES.search(description)))
    except (RefusedDelivery, OSError):
        raise
    except Exception as error:
        # A damaged part fails anywhere in zipfile, expat or openpyxl, with errors of a dozen kinds
        raise _damaged(file, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}") from None


def _sheets(reader: ExcelReader) -> Iterator[Sheet]:
    """Sheets of cells, in their order; those of charts alone are none."""
    for sheet, relation in reader.parser.find_sheets():
        if relation.target in reader.valid_files and "chartsheet" not in relation.Type:
            yield Sheet(str(sheet.name), sheet.state == "visible", str(relation.target))


def _is_wanted(sheet: Sheet, name: str | None) -> bool:
    """Excel makes no difference between the cases of a sheet's name."""
    return sheet.is_visible if name is None else sheet.title.strip().casefold() == name.strip().casefold()


def _checked(stream: BinaryIO, file: str) -> bytes:
    """The workbook's own description, once the archive is found to be one that can be read within bounds."""
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
        _check_bounds(parts, file)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _check_part(archive, part, file)
        return archive.read("xl/workbook.xml")


def _check_bounds(parts: list[zipfile.ZipInfo], file: str) -> None:
    """zipfile stops at the size a part declares, so the declared sizes are what can come out."""
    packed, unpacked = sum(part.compress_size for part in parts), sum(part.file_size for part in parts)
    held = sum(part.file_size for part in parts if not part.filename.startswith(_NOT_HELD))
    is_bomb = unpacked > UNSUSPICIOUS_BYTES and unpacked > MAX_RATIO * packed
    if unpacked > MOST_BYTES or held > MOST_HELD_BYTES or len(parts) > MOST_PARTS or is_bomb:
        raise RefusedDelivery(
            "the workbook expands beyond all bounds",
            where=file,
            found=f"{len(parts):,} parts, {unpacked:,} bytes out of {packed:,}, of which {held:,} are no cells",
            expected=f"at most {MOST_BYTES >> 30} GiB, {MOST_HELD_BYTES >> 20} MiB of them texts and styles,"
            f" and beyond {UNSUSPICIOUS_BYTES >> 20} MiB at most {MAX_RATIO} times the file's size",
            action="have it exported as CSV or Parquet, or in parts",
        )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> None:
    """No part of a workbook declares a document type: one that does is after the entities of XML."""
    if part.flag_bits & _IS_ENCRYPTED:
        raise _damaged(file, f"{part.filename} with a password")
    with archive.open(part) as stream:
        start = stream.read(4096).replace(b"\0", b"")
    if b"<!DOCTYPE" in start:
        raise _damaged(file, f"a document type declared in {part.filename}")
    if part.filename == "xl/workbook.xml" and _STRICT in start:
        raise RefusedDelivery(
            "the workbook is saved as Strict Open XML",
            where=file,
            found="namespaces of ISO 29500 Strict",
            expected="an Excel workbook (.xlsx)",
            action="save it as Excel Workbook, not as Strict Open XML Spreadsheet",
        )


def _damaged(file: str, found: str) -> RefusedDelivery:
    return RefusedDelivery(
        "the workbook is damaged",
        where=file,
        found=found[:200],
        expected="an Excel workbook (.xlsx) without a password",
        action="open and save it in a spreadsheet program, or have it delivered again",
    )
