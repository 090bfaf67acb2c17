"""Reading tables that people bring: CSV of any usual dialect, and JSON records or columns.

Everything is read as text first, so that an error can name the column and the line of the file.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from castalia.process import InputError

if TYPE_CHECKING:
    from castalia.process import Storage
    from numpy.typing import NDArray

log = logging.getLogger("castalia.tables")

MEDIA_TYPES = ("text/csv", "text/tab-separated-values", "text/plain", "application/json")
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "#n/a", "missing"))
SECONDS_PER_YEAR = 365.25 * 86400
_UNIT = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]+)[)\]]\s*$")


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


@dataclass
class Table:
    """Columns of text. `lines[i]` is the line of row `i` in the file (1-based), `units` what is known about units."""

    names: list[str]
    columns: list[list[str]]
    lines: list[int]
    units: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> int:
        return len(self.lines)

    def find(self, name: str, role: str) -> str:
        """The column called `name`, with or without its unit, in any case. Raises `InputError` that lists what there is."""
        wanted = name.strip().lower()
        for column in self.names:
            if wanted in (column.lower(), bare(column).lower()):
                return column
        raise InputError(f"the table has no {role} column {name!r}; its columns are: {', '.join(self.names)}")

    def text(self, name: str) -> list[str]:
        return self.columns[self.names.index(name)]

    def numbers(self, name: str, *, missing_value: float | None = None) -> NDArray[np.float64]:
        """A column as floats, missing cells as NaN. Raises `InputError` at the first cell that is no number."""
        if name not in self._numbers:
            self._numbers[name] = self._parse(name)
        values = self._numbers[name].copy()
        if missing_value is not None:
            values[values == missing_value] = np.nan
        return values

    def _parse(self, name: str) -> NDArray[np.float64]:
        cells = self.text(name)
        # One step for columns of nothing but numbers; an array of strings is as wide as its longest one.
        if max(map(len, cells)) <= 40 and not any("_" in cell for cell in cells):
            try:
                values = np.array(cells).astype(float)
            except ValueError:
                values = np.array([np.nan])
            if np.isfinite(values).all():
                return values
        values = np.full(len(cells), np.nan)
        for at, cell in enumerate(cells):
            if not is_missing(cell):
                value = number(cell)
                if value is None:
                    raise InputError(
                        f"column {name!r}, line {self.lines[at]}: {cell!r} is not a number; correct it or choose another column"
                    )
                values[at] = value
        return values

    def times(self, name: str) -> NDArray[np.float64]:
        """A column of ISO 8601 dates as seconds since 1970-01-01 UTC, missing cells as NaN."""
        cells = self.text(name)
        values = np.full(len(cells), np.nan)
        for at, cell in enumerate(cells):
            if not is_missing(cell):
                value = moment(cell)
                if value is None:
                    raise InputError(
                        f"column {name!r}, line {self.lines[at]}: {cell!r} is not an ISO 8601 date; "
                        "write it like 2024-03-31 or 2024-03-31T12:00:00Z"
                    )
                values[at] = value
        return values

    def is_numeric(self, name: str) -> bool:
        try:
            return bool(np.isfinite(self.numbers(name)).any())
        except InputError:
            return False

    def is_dates(self, name: str) -> bool:
        cells = [cell for cell in self.text(name) if not is_missing(cell)]
        # The first cell decides most cases, before a million others are looked at.
        return bool(cells) and moment(cells[0]) is not None and all(moment(cell) is not None for cell in cells)


def number(text: str) -> float | None:
    text = text.strip()
    if "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


_MOMENT = re.compile(
    r"^\s*(\d{4}-\d{2}(?:-\d{2})?)(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$", re.IGNORECASE
)


def moment(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 date, month or date and time; without offset it counts as UTC."""
    match = _MOMENT.match(text)
    if not match:
        return None
    date, clock, offset = match.groups()
    try:
        value = np.datetime64(date + (f"T{clock}" if clock else ""), "us").astype(np.int64) / 1e6
    except ValueError:
        return None
    if offset and offset[0] in "+-":
        sign = -1.0 if offset[0] == "+" else 1.0
        value += sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60)
    return float(value)


def bare(name: str) -> str:
    """A column name without its unit: `co2 (ppm)` -> `co2`."""
    match = _UNIT.match(name)
    return match.group(1) if match else name


def unit_of(name: str) -> str | None:
    match = _UNIT.match(name)
    return match.group(2).strip() if match else None


def read(storage: Storage, ref: str) -> Table:
    """Read a CSV or JSON input. Raises `InputError` with the line and what to do."""
    info, data = storage.info(ref), storage.read(ref)
    if not data.strip():
        raise InputError(f"{info.name} is empty; upload a file with a header line and at least one row")
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{info.name} is a binary file, not a table; export it as CSV")
    text = decode(data, info.name)
    table = _from_json(text, info.name) if text.lstrip()[:1] in ("{", "[") else _from_csv(text, info.name)
    table.units = {name: unit for name in table.names if (unit := unit_of(name))}
    if isinstance(info.units, dict):
        table.units.update({name: unit for name, unit in info.units.items() if name in table.names})
    log.info("%s: %d rows, columns %s", info.name, table.rows, ", ".join(table.names))
    return table


def decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning("%s is not UTF-8; reading it as Windows-1252", name)
        return data.decode("cp1252", "replace")


def delimiter_of(text: str) -> str:
    """The delimiter that splits the first lines most evenly."""
    lines = [line for line in text.splitlines()[:50] if line.strip() and not line.startswith("#")][:20]

    def score(mark: str) -> tuple[bool, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark)]
        return (len(set(counts)) == 1 and counts[0] > 1, min(counts, default=0))

    return max((",", ";", "\t", "|"), key=score)


def _from_csv(text: str, source: str) -> Table:
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            if not header:
                header = [cell.strip() for cell in row]
                continue
            if len(row) != len(header):
                row = _fitted(row, header, source, reader.line_num)
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{source}, line {reader.line_num}: {error}; check the quotes there") from error
    if header and all(number(cell) is not None for cell in header):
        raise InputError(f"{source} has no header line: its first line is {', '.join(header[:4])}; add a line with the column names")
    if not rows:
        raise InputError(f"{source} has a header but no rows")
    if delimiter == ";":
        rows = [[re.sub(r"^(\s*[+-]?\d+),(\d+\s*)$", r"\1.\2", cell) for cell in row] for row in rows]
    return Table(_unique(header), [list(column) for column in zip(*rows, strict=True)], lines)


def _fitted(row: list[str], header: list[str], source: str, line: int) -> list[str]:
    if len(row) > len(header) and not any(cell.strip() for cell in row[len(header) :]):
        return row[: len(header)]
    raise InputError(
        f"{source}, line {line}: {len(row)} cells, but the header has {len(header)}; check for a missing or an unquoted delimiter"
    )


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for at, name in enumerate(names):
        name = name or f"column_{at + 1}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _from_json(text: str, source: str) -> Table:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InputError(f"{source} is not valid JSON: {error}") from error
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        names = list(dict.fromkeys(str(name) for row in value for name in row))
        return Table(names, [[_cell(row.get(name)) for row in value] for name in names], list(range(1, len(value) + 1)))
    if isinstance(value, dict) and value and all(isinstance(column, list) for column in value.values()):
        lengths = {len(column) for column in value.values()}
        if len(lengths) == 1 and lengths != {0}:
            columns = [[_cell(item) for item in column] for column in value.values()]
            return Table([str(name) for name in value], columns, list(range(1, lengths.pop() + 1)))
    raise InputError(f"{source} is JSON, but no table: give a list of objects, or an object of columns of equal length")
